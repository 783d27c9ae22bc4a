#!/usr/bin/env node
/** The command line: see `HELP`. */
import { parseArgs } from 'node:util'
import { cancel, outro, select, text } from '@clack/prompts'
import { createApp, isTemplate, TEMPLATES, type Template } from './create-app.ts'

const HELP = `Usage: npm create session-backend [name] [--template ${Object.keys(TEMPLATES).join('|')}]

Creates an app that several people use at once, in a new folder. Asks for the name and the template if you leave them out.`

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { template: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) return console.log(HELP)
  if (values.template !== undefined && !isTemplate(values.template)) {
    const known = Object.keys(TEMPLATES).join(' or ')
    throw new Error(`\`--template\` must be ${known}, got ${values.template}.`)
  }
  const name = positionals[0] ?? (await askForName())
  const template = values.template ?? (await askForTemplate())
  const folder = await createApp(name, template)
  const next = `The app is in ${folder}. Next:\n\n  cd ${name}\n  npm install\n  npm run dev`
  if (process.stdout.isTTY) outro(next)
  else console.log(next)
}

async function askForName(): Promise<string> {
  requireTerminal('a name')
  const name = await text({ message: 'Name of the app', placeholder: 'my-board', defaultValue: 'my-board' })
  return answered(name)
}

async function askForTemplate(): Promise<Template> {
  requireTerminal('a template')
  const options = Object.entries(TEMPLATES).map(([value, label]) => ({ value, label }))
  const template = answered(await select({ message: 'Template', options }))
  if (!isTemplate(template)) throw new Error(`There is no template ${template}.`)
  return template
}

/** Without a person there is nobody to answer. */
function requireTerminal(what: string): void {
  if (!process.stdin.isTTY) throw new Error(`The command needs ${what}.\n\n${HELP}`)
}

function answered(answer: string | symbol): string {
  if (typeof answer === 'string') return answer
  cancel('Nothing was created.')
  process.exit(130)
}
