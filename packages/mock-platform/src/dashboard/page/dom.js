/**
 * Finds an element of the page.
 *
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @param {ParentNode} [parent]
 * @returns {T}
 */
export function find(selector, type, parent = document) {
  const element = parent.querySelector(selector)
  if (element instanceof type) return element
  throw new Error(`The page has no ${selector}.`)
}

/**
 * Makes an element. What is given as text stays text.
 *
 * @param {string} tag
 * @param {Readonly<Record<string, string>>} attributes
 * @param {...(Node | string)} children
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/**
 * Sets a text if it is another one, so that a screen reader reads changes only.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * Makes the children of an element those of a list: an item that stays keeps its element, and the focus in it.
 *
 * @template T
 * @param {Element} parent
 * @param {readonly T[]} items
 * @param {(item: T) => string} key
 * @param {(item: T) => HTMLElement} create Makes the element of an item that is new.
 * @param {(element: HTMLElement, item: T) => void} [update] Shows an item in its element.
 */
export function showList(parent, items, key, create, update) {
  /** @type {Map<string, HTMLElement>} */
  const known = new Map()
  for (const child of parent.children) {
    if (child instanceof HTMLElement) known.set(child.dataset.key ?? '', child)
  }
  let next = parent.firstElementChild
  for (const item of items) {
    const id = key(item)
    const child = known.get(id) ?? create(item)
    child.dataset.key = id
    known.delete(id)
    if (child === next) next = next.nextElementSibling
    else parent.insertBefore(child, next)
    update?.(child, item)
  }
  for (const child of known.values()) child.remove()
}
