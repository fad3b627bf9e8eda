/** Pieces of Markdown that the generated pages are made of. */

/** Rows of cells under a head. A cell may hold Markdown, but no line ends. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => inCell(cell)).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row))].join('\n')
}

export function code(text: string): string {
  return `\`${text}\``
}

/** What every generated page begins with. */
export function pageHead(title: string, madeFrom: string, intro: string): string {
  return `# ${title}\n\n*Made from ${madeFrom} by \`make docs\`: change it there.*\n\n${intro}\n`
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
