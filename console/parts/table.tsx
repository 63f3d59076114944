/** Tables whose rows are links, and the links to the pages before and after. */
import type { ComponentChildren } from 'preact';
import { place, to } from '../base/place.ts';

/** A column. `isWide` takes the space that is left; `isNumber` stands to the right. */
export type Column<Row> = {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly isNumber?: boolean;
};

type TableProps<Row> = {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Where a row leads. The first cell holds the link, which covers the row. */
  readonly hrefOf?: (row: Row) => string;
};

/** On a narrow screen each row is a block, and each cell has its column's name before it. */
export function Table<Row>({ caption, columns, rows, keyOf, hrefOf }: TableProps<Row>) {
  return (
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ name, isNumber }) => (
            <th key={name} scope="col" class={isNumber ? 'number' : undefined}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} class={hrefOf === undefined ? undefined : 'linked'}>
            {columns.map(({ name, cell, isNumber }, index) => (
              <td key={name} data-name={name} class={isNumber ? 'number' : undefined}>
                {index === 0 && hrefOf !== undefined ? <a href={hrefOf(row)}>{cell(row)}</a> : cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** To the first page, and to the next one. The browser's own "back" leads to the page before. */
export function Pager({ cursor }: { readonly cursor: string | undefined }) {
  const { path, query } = place.value;
  const names = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const filters = Object.fromEntries(query);
  const isFirst = filters['cursor'] === undefined;
  if (isFirst && cursor === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {isFirst ? null : <a href={to(names, { ...filters, cursor: undefined })}>First page</a>}
      {cursor === undefined ? null : <a href={to(names, { ...filters, cursor })}>Next page</a>}
    </nav>
  );
}
