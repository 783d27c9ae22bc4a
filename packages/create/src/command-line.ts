/** The command line: see `HELP`. */
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { cancel, intro, outro, select, text } from '@clack/prompts'
import { createApp, isTemplate, TEMPLATES, type Template, whyNot } from './create-app.ts'

const NAMES = Object.keys(TEMPLATES)
const HELP = `Usage: npm create session-backend [name] [-- --template ${NAMES.join('|')}]

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
  if (positionals.length > 1) throw new Error(`Give one name, got ${positionals.join(', ')}.`)
  if (values.template !== undefined && !isTemplate(values.template)) {
    throw new Error(`\`--template\` must be ${NAMES.join(' or ')}, got \`${values.template}\`.`)
  }
  const [given] = positionals
  // Before any question: nobody should answer two of them for nothing.
  const reason = given === undefined ? undefined : whyNot(given)
  if (reason !== undefined) throw new Error(reason)

  const asks = given === undefined || values.template === undefined
  if (asks) openQuestions(given === undefined ? 'a name' : 'a template')
  const name = given ?? (await askForName())
  const template = values.template ?? (await askForTemplate())
  const folder = await createApp(name, template)
  const path = relative('.', folder)
  const steps = [...(path ? [`cd ${path}`] : []), 'npm install', 'npm run dev']
  const next = `The app is in ${folder}. Next:\n\n${steps.map((step) => `  ${step}`).join('\n')}`
  if (asks) outro(next)
  else console.log(next)
}

/** Without a terminal nobody can answer. */
function openQuestions(missing: string): void {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new Error(`The command needs ${missing}, and there is no terminal to ask for it.\n\n${HELP}`)
  }
  intro('An app that several people use at once')
}

async function askForName(): Promise<string> {
  const usual = 'my-board'
  return answered(
    await text({
      message: 'Name of the app and of its folder',
      placeholder: usual,
      defaultValue: usual,
      validate: (name) => whyNot(name || usual),
    }),
  )
}

async function askForTemplate(): Promise<Template> {
  const options = Object.entries(TEMPLATES).map(([value, label]) => ({ value, label }))
  const template = answered(await select({ message: 'Template', options }))
  if (!isTemplate(template)) throw new Error(`There is no template ${template}.`)
  return template
}

function answered(answer: string | symbol): string {
  if (typeof answer === 'string') return answer
  cancel('Nothing was created.')
  process.exit(130)
}
