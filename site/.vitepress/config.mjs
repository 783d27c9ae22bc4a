// @ts-check
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { CHAPTERS } from '../pages.mjs'

const apiSidebar = join(import.meta.dirname, '../pages/api/typedoc-sidebar.json')
const chapters = CHAPTERS.map(({ title, pages }) => ({
  text: title,
  items: pages.map(({ title, path }) => ({ text: title, link: `/${path}` })),
}))

/** Somebody who searches a word wants what explains it before each place of the reference that names it. */
const SEARCH = {
  // "lock" is not a misspelt "clock".
  fuzzy: (/** @type {string} */ term) => (term.length > 5 ? 0.2 : false),
  boostDocument: (/** @type {string} */ id) => {
    if (id.includes('/concepts')) return 4
    return /\/(api|architecture|contributing)\b/.test(id) ? 0.2 : 1
  },
}

export default defineConfig({
  title: 'Session Backend',
  description: 'One dedicated process per document, for web apps',
  lang: 'en',
  srcDir: 'pages',
  cleanUrls: true,
  ignoreDeadLinks: 'localhostLinks',
  // The theme gives every page but the first a main landmark.
  transformHtml: (html) => html.replace('class="VPContent is-home"', 'class="VPContent is-home" role="main"'),
  head: [
    ['link', { rel: 'icon', href: 'data:,' }],
    // The theme's light colour for buttons is a little too light for white text.
    ['style', {}, ':root:not(.dark) { --vp-c-brand-3: var(--vp-c-indigo-2) }'],
    ['style', {}, ".vp-doc [class*='language-'] > span.lang { color: var(--vp-c-text-2) }"],
    // The path of a file is wider than a phone, and would leave no room for what is said about it.
    [
      'style',
      {},
      '.vp-doc td:last-child:has(code) { min-width: 13em } .vp-doc td:last-child code { overflow-wrap: anywhere }',
    ],
  ],
  // The default themes have comments and numbers that are hard to read.
  markdown: { theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Concepts', link: '/concepts' },
      { text: 'Guides', link: '/guides/users' },
      { text: 'API', link: '/api/' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
    ],
    sidebar: {
      '/api/': existsSync(apiSidebar) ? JSON.parse(readFileSync(apiSidebar, 'utf8')) : [],
      '/': chapters,
    },
    outline: [2, 3],
    search: { provider: 'local', options: { miniSearch: { searchOptions: SEARCH } } },
  },
})
