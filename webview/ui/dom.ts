/** What stands inside an element; null leaves a gap, and text is always text: never markup. */
export type Child = Node | string | null;

export interface Props {
  readonly class?: string;
  readonly text?: string;
  readonly attrs?: Readonly<Record<string, string | number | boolean | null>>;
  /** Set one by one through the style object: a style attribute would break the page's policy. */
  readonly style?: Readonly<Record<string, string>>;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
}

/** Makes an element. Attributes that are null or false are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props?: Props,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K];
export function h(tag: string, props?: Props, ...children: readonly Child[]): HTMLElement;
export function h(tag: string, props: Props = {}, ...children: readonly Child[]): HTMLElement {
  const element = document.createElement(tag);
  if (props.class !== undefined) element.className = props.class;
  if (props.text !== undefined) element.textContent = props.text;
  for (const [name, value] of Object.entries(props.attrs ?? {})) setAttr(element, name, value);
  for (const [name, value] of Object.entries(props.style ?? {})) element.style.setProperty(name, value);
  for (const [name, handler] of Object.entries(props.on ?? {})) element.addEventListener(name, handler);
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

export function setAttr(element: Element, name: string, value: string | number | boolean | null): void {
  if (value === null || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
}

/** Replaces what stands inside `parent`. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(...children.filter((child) => child !== null));
}

/** Sets a text only when it differs, so that a screen reader and a selection are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const svgSpace = 'http://www.w3.org/2000/svg';

/** A small line drawing of `size` px; its strokes take the text's colour. */
export function icon(size: number, ...paths: readonly string[]): SVGSVGElement {
  const svg = document.createElementNS(svgSpace, 'svg');
  for (const [name, value] of [
    ['width', size],
    ['height', size],
    ['aria-hidden', 'true'],
  ] as const)
    svg.setAttribute(name, String(value));
  svg.setAttribute('viewBox', `0 0 ${size.toString()} ${size.toString()}`);
  for (const d of paths) {
    const path = document.createElementNS(svgSpace, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** What the keyboard event is for: true when a text is being written, where letters are letters. */
export function isTyping(event: Event): boolean {
  const at = event.composedPath()[0];
  return (
    (at instanceof HTMLInputElement && at.type !== 'range' && at.type !== 'checkbox') ||
    at instanceof HTMLTextAreaElement ||
    at instanceof HTMLSelectElement
  );
}
