/** Where the page's parts are, as addresses that the page may load, and what the page is called. */
export interface PageParts {
  readonly cspSource: string;
  readonly nonce: string;
  readonly script: string;
  readonly styles: string;
  readonly title: string;
}

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0).toString()};`);

/** Scripts run by their nonce alone; styles come from our folder or, for the controls, carry the nonce; nothing else is fetched. */
export const contentSecurityPolicy = ({ cspSource, nonce }: { cspSource: string; nonce: string }): string =>
  [`default-src 'none'`, `style-src ${cspSource} 'nonce-${nonce}'`, `script-src 'nonce-${nonce}'`].join('; ');

/** The whole document: it holds no figure and no text of a model; those arrive as messages. */
export const pageHtml = (parts: PageParts): string => `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${escaped(contentSecurityPolicy(parts))}">
    <meta property="csp-nonce" content="${escaped(parts.nonce)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escaped(parts.title)}</title>
    <link rel="stylesheet" href="${escaped(parts.styles)}" nonce="${escaped(parts.nonce)}">
  </head>
  <body>
    <main id="app"></main>
    <script nonce="${escaped(parts.nonce)}" src="${escaped(parts.script)}"></script>
  </body>
</html>
`;
