// The fenced blocks of a document, and what their info strings ask for.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FENCE = /^```(\S+)(?: (\S+))?(?: (\S+))?\n([\s\S]*?)^```$/gm

/** Every fenced block: `{ language, mark, name, text, line }`, in the order of the document. */
export function blocksOf(document) {
  return [...document.matchAll(FENCE)].map(({ 1: language, 2: mark, 3: name, 4: text, index }) => {
    return { language, mark, name, text, line: document.slice(0, index).split('\n').length }
  })
}

/** Throws unless every block that is marked with a path is found, as it stands, in that file. */
export function checkQuotes(blocks, root) {
  const quotes = blocks.filter(({ mark }) => mark?.includes('/'))
  for (const { mark, text, line } of quotes) {
    if (!readFileSync(join(root, mark), 'utf8').includes(text)) {
      throw new Error(`line ${line} of the text quotes what ${mark} does not say:\n${text}`)
    }
  }
  if (quotes.length === 0) throw new Error('the text quotes no file')
  return quotes.length
}

/** Throws unless every line of `expected` is in `output`; `…` stands for anything, case for nothing. */
export function checkOutput(expected, output) {
  for (const line of expected.trim().split('\n')) {
    const parts = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    if (!new RegExp(`^${parts.join('.*')}\\s*$`, 'im').test(output)) {
      throw new Error(`the text promises\n  ${line}\nbut the output is\n${output}`)
    }
  }
}
