import {
  Composer,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type Document,
  type ParsedNode,
} from 'yaml';
import { plain, plainMessage } from './clean.ts';
import { RecipeError } from './recipeError.ts';

/** A recipe of a thousand rules takes 60 kB. */
const mostBytes = 1_000_000;
/** A recipe nests three deep; the parser's stack holds two entries a level. */
const mostDepth = 40;
const mostAliases = 100;

/** Takes a parsed file apart, node by node; every error says where. */
export interface Reader {
  /** The entries of a mapping with none but these keys. */
  map(node: unknown, what: string, keys: readonly string[]): ReadonlyMap<string, unknown>;
  list(node: unknown, what: string, most: number): readonly unknown[];
  /** A string; numbers are taken as they are written. */
  text(node: unknown, what: string): string;
  flag(node: unknown, what: string): boolean;
  /** A number of 0 or more. */
  amount(node: unknown, what: string): number;
  oneOf<T extends string>(node: unknown, what: string, values: readonly T[]): T;
  /** Runs a check whose RecipeError is then placed at the node. */
  at(node: unknown, check: () => unknown): void;
  error(node: unknown, message: string): RecipeError;
}

/** Parses one YAML or JSON document within the limits above. */
export function readYaml(text: string, fileName: string): { root: unknown; reader: Reader } {
  const name = plain(fileName);
  const lines = new LineCounter();
  const failure = (message: string, offset: number | undefined): RecipeError => {
    const line = plainMessage(message.replaceAll(/\s+/g, ' '));
    if (offset === undefined) return new RecipeError(`${name}: ${line}`);
    const place = lines.linePos(offset);
    return new RecipeError(`${name}:${place.line.toString()}:${place.col.toString()}: ${line}`, {
      line: place.line,
      column: place.col,
    });
  };
  if (text.length > mostBytes)
    throw failure(`a recipe of more than ${(mostBytes / 1e6).toString()} MB is not read`, undefined);
  const document = compose(text, lines, failure);
  return { root: document.contents, reader: readerOf(document, failure) };
}

type Failure = (message: string, offset: number | undefined) => RecipeError;

function compose(text: string, lines: LineCounter, failure: Failure): Document.Parsed {
  const parser = new Parser(lines.addNewLine);
  // The parser compares every key with every other; `map` below looks them up instead.
  const composer = new Composer({ version: '1.2', schema: 'core', stringKeys: true, uniqueKeys: false });
  const documents: Document.Parsed[] = [];
  let at = 0;
  const take = (tokens: ReturnType<Parser['next']>): void => {
    for (const token of tokens) {
      // The first mistake ends it: a file of nothing else would gather one for every character.
      if (token.type === 'error') throw failure(token.message, token.offset);
      if (token.type === 'directive') throw failure('a recipe has no directives', token.offset);
      documents.push(...composer.next(token));
      if (documents.length > 1)
        throw failure('one recipe a file: there is a second document', documents[1]?.range[0]);
    }
  };
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    take(parser.next(lexeme));
    at = Math.min(at + lexeme.length, text.length);
    if (parser.stack.length > mostDepth) throw failure('nested too deeply', at);
  }
  take(parser.end());
  documents.push(...composer.end(false, text.length));
  const [document] = documents;
  if (document === undefined || document.contents === null)
    throw failure('the file is empty; a recipe holds preset and layers', undefined);
  const [error] = document.errors;
  if (error !== undefined) throw failure(explained(error), error.pos[0]);
  if (documents.length > 1)
    throw failure('one recipe a file: there is a second document', documents[1]?.range[0]);
  return document;
}

/** Stars start an alias in YAML, and patterns start with stars. */
const explained = ({ code, message }: { readonly code: string; readonly message: string }): string =>
  code === 'BAD_ALIAS' || message.includes('Alias')
    ? 'a text that starts with * must stand in quotes, as in match: "*"'
    : message;

function readerOf(document: Document.Parsed, failure: Failure): Reader {
  let aliases = 0;
  const error = (node: unknown, message: string): RecipeError =>
    failure(message, isNode(node) ? (node.range?.[0] ?? undefined) : undefined);

  /** What an alias stands for. Only what a recipe has room for is ever followed, so nothing expands. */
  const target = (node: unknown): unknown => {
    if (!isAlias(node)) return node;
    aliases += 1;
    if (aliases > mostAliases) throw error(node, `more than ${mostAliases.toString()} aliases`);
    const found = node.resolve(document);
    if (found === undefined)
      throw error(node, 'a text that starts with * must stand in quotes, as in match: "*"');
    return found;
  };

  const reader: Reader = {
    error,
    map(given, what, keys) {
      const node = target(given);
      if (!isMap<ParsedNode, ParsedNode | null>(node))
        throw error(given, `${what} is a mapping of ${keys.join(', ')}`);
      const entries = new Map<string, unknown>();
      for (const { key, value } of node.items) {
        const name = reader.text(key, 'a key');
        if (!keys.includes(name)) throw error(key, unknownKey(name, what, keys));
        if (entries.has(name)) throw error(key, `${name} stands twice in ${what}`);
        entries.set(name, value ?? key);
        if (value === null) throw error(key, `${name} has no value`);
      }
      return entries;
    },
    list(given, what, most) {
      const node = target(given);
      if (!isSeq(node)) throw error(given, `${what} is a list`);
      if (node.items.length > most) throw error(given, `${what} holds more than ${most.toString()} entries`);
      return node.items;
    },
    text(given, what) {
      const node = target(given);
      if (isScalar(node)) {
        if (typeof node.value === 'string') return node.value;
        if (typeof node.value === 'number') return node.source ?? node.value.toString();
      }
      throw error(
        given,
        isScalar(node) && node.value === null ? `${what} has no value` : `${what} is a text`,
      );
    },
    flag(given, what) {
      const node = target(given);
      if (isScalar(node) && typeof node.value === 'boolean') return node.value;
      throw error(given, `${what} is true or false`);
    },
    amount(given, what) {
      const node = target(given);
      if (isScalar(node) && typeof node.value === 'number' && node.value >= 0 && Number.isFinite(node.value))
        return node.value;
      throw error(given, `${what} is a number of 0 or more`);
    },
    oneOf(given, what, values) {
      const text = reader.text(given, what);
      const value = values.find((one) => one === text);
      if (value !== undefined) return value;
      const near = nearest(text, values);
      const hint = near === null ? `one of ${values.join(', ')}` : `did you mean ${near}?`;
      throw error(given, `${what} ${JSON.stringify(plain(text, 60))} is not known; ${hint}`);
    },
    at(given, check) {
      try {
        check();
      } catch (cause) {
        if (cause instanceof RecipeError) throw error(given, cause.message);
        throw cause;
      }
    },
  };
  return reader;
}

function unknownKey(name: string, what: string, keys: readonly string[]): string {
  const near = nearest(name, keys);
  const hint = near === null ? `${what} has ${keys.join(', ')}` : `did you mean "${near}"?`;
  return `unknown key ${JSON.stringify(plain(name, 60))}; ${hint}`;
}

/** The closest of `words` within two edits, or null. */
function nearest(text: string, words: readonly string[]): string | null {
  if (text.length > 40) return null;
  const ranked = words
    .map((word) => ({ word, edits: editsBetween(text.toLowerCase(), word.toLowerCase()) }))
    .filter(({ edits }) => edits <= 2)
    .toSorted((a, b) => a.edits - b.edits);
  return ranked[0]?.word ?? null;
}

/** Levenshtein's distance. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
