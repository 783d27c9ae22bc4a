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
 * @param {string} label
 * @param {Readonly<Record<string, string>>} attributes
 * @param {(event: MouseEvent) => void} onClick
 */
export function button(label, attributes, onClick) {
  const element = h('button', { type: 'button', ...attributes }, label)
  element.addEventListener('click', onClick)
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
 * @param {HTMLElement} element
 * @param {boolean} isShown
 */
export function setShown(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown
}

/**
 * Makes the children of an element those of a list: an item that stays keeps its element, and the focus in it.
 * Children that no list made are left alone.
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
    if (child instanceof HTMLElement && keyOf(child) !== '') known.set(keyOf(child), child)
  }
  const kept = new Set(items.map(key))
  // First those that leave, so that those that stay need not be moved, which would take the focus from them.
  for (const [id, child] of known) if (!kept.has(id)) child.remove()
  let place = [...parent.children].find((child) => known.has(keyOf(child))) ?? null
  for (const item of items) {
    const id = key(item)
    const child = known.get(id) ?? create(item)
    if (!known.has(id)) child.dataset.key = id
    if (child === place) place = place.nextElementSibling
    else parent.insertBefore(child, place)
    update?.(child, item)
  }
}

/** @param {Element} child */
function keyOf(child) {
  return (child instanceof HTMLElement && child.dataset.key) || ''
}
