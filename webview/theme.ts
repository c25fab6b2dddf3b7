import { rampOf, type Ramp, type Rgb } from './color.ts';

/** The inks of a canvas, resolved from the theme: a canvas knows no custom properties. */
export interface Inks {
  readonly page: string;
  readonly text: string;
  readonly quiet: string;
  readonly mark: string;
  readonly soft: string;
  readonly rest: string;
  readonly rule: string;
  readonly track: string;
  readonly reference: string;
  readonly loss: string;
  readonly font: string;
  readonly ramp: Ramp;
  readonly highContrast: boolean;
}

const names = {
  page: '--page',
  text: '--ink',
  quiet: '--quiet',
  mark: '--mark',
  soft: '--soft',
  rest: '--rest',
  rule: '--rule',
  track: '--track',
  reference: '--reference',
  loss: '--loss',
} as const;

let cached: Inks | null = null;

/** The inks of the theme that is on now; read once a theme. */
export function inks(): Inks {
  cached ??= readInks();
  return cached;
}

function readInks(): Inks {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, read(name)])) as Record<
    keyof typeof names,
    string
  >;
  probe.style.fontSize = 'var(--small)';
  const { fontSize, fontFamily } = getComputedStyle(probe);
  probe.remove();
  return {
    ...colors,
    font: `${fontSize} ${fontFamily}`,
    ramp: rampOf(channels(colors.page), channels(colors.mark)),
    highContrast: document.body.classList.contains('vscode-high-contrast'),
  };
}

/** Any colour that the browser can paint, as channels. */
function channels(color: string): Rgb {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return [0, 0, 0];
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}

/** Calls back after the theme or the editor's fonts changed: VS Code rewrites the root's style and the body's classes. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(() => {
    cached = null;
    changed();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
}
