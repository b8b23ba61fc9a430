// Times in the viewer's zone, `/` to the search, clicks on bars, texts to copy, whether a page is live. Everything else on these pages is links and forms.

const two = (n) => String(n).padStart(2, '0')

/** UTC stays in the title. */
function showLocalTimes(root) {
  for (const time of root.querySelectorAll('time[data-as]')) {
    const at = new Date(time.dateTime)
    const minute = `${two(at.getHours())}:${two(at.getMinutes())}`
    const second = `${minute}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`
    const day = at.toLocaleDateString(undefined, { day: '2-digit', month: 'short' })
    time.textContent = time.dataset.as === 'time' ? second : `${day} ${minute}`
  }
}

/** What was just done is said once, not again at a reload. */
function forgetDone() {
  const url = new URL(location.href)
  if (!url.searchParams.has('done')) return
  url.searchParams.delete('done')
  history.replaceState(history.state, '', url)
}

/** The answer to a form that shows something once: a reload goes on, instead of doing it again. */
function goOnAtReload() {
  const here = document.querySelector('[data-here]')?.dataset.here
  if (here !== undefined) history.replaceState(history.state, '', here)
}

/** Marks a text at the least, where the browser lets nobody copy. */
async function copy(button) {
  const text = document.getElementById(button.dataset.copy)
  text.select()
  try {
    await navigator.clipboard.writeText(text.value)
    button.textContent = 'Copied'
  } catch {
    button.textContent = 'Marked: copy it'
  }
}

/** On telephones the sections are a row that is wider than the screen. */
function showSection() {
  const current = document.querySelector('.side [aria-current]')
  if (current !== null) current.parentElement.scrollLeft = current.offsetLeft - 40
}

showLocalTimes(document)
showSection()
forgetDone()
goOnAtReload()
document.addEventListener('htmx:after:swap', () => showLocalTimes(document))
document.addEventListener('keydown', (event) => {
  const find = document.getElementById('q')
  if (find === null) return
  const isTyping = event.target.closest('input, textarea, select') !== null
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault()
    find.focus()
  }
  if (event.key === 'Escape' && event.target === find) find.blur()
})
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]')
  if (button !== null) void copy(button)
  const href = event.target.closest('[data-href]')?.dataset.href
  if (href) location.assign(href)
})
// Whether what changes shows by itself.
const showLive = (isLive) => document.getElementById('live')?.toggleAttribute('hidden', !isLive)
document.addEventListener('htmx:sse:after:connection', () => showLive(true))
for (const lost of ['before:connection', 'error', 'close']) document.addEventListener(`htmx:sse:${lost}`, () => showLive(false))
// Whoever is signed out meanwhile is sent to sign in, instead of looking at what goes on no more.
document.addEventListener('htmx:sse:error', (event) => {
  if (event.detail.status === 401) location.reload()
})

// A large matrix has no links in its cells: each says by its place which two parties it is about.
const partiesOf = (cell) => [
  cell.parentElement.cells[0].textContent,
  cell.closest('table').tHead.rows[0].cells[cell.cellIndex].textContent,
]
const cellAt = (event) => event.target.closest('.mx:not(.big) tbody td')
document.addEventListener('mouseover', (event) => {
  const cell = cellAt(event)
  if (cell !== null) cell.title = partiesOf(cell).join(' ↔ ')
})
document.addEventListener('click', (event) => {
  const cell = cellAt(event)
  if (cell !== null) location.assign(`/admin/agreements/${partiesOf(cell).map(encodeURIComponent).join('/')}`)
})
