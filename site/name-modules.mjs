// @ts-check
// A plugin of TypeDoc: names each module as an app imports it.
import { Converter } from 'typedoc'

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      module.name = `@session-backend/${module.name.replace(/\/src\b/, '')}`
    }
  })
}
