/**
 * The layer under the pointer lights up wherever it is drawn: in the list and in every strip.
 * Whatever stands for a layer carries its index in `data-layer`.
 */
export function lightLayers(root: HTMLElement): void {
  let lit: string | null = null;
  const light = (layer: string | null): void => {
    if (layer === lit) return;
    lit = layer;
    for (const element of root.querySelectorAll('.lit')) element.classList.remove('lit');
    if (layer === null) return;
    for (const element of root.querySelectorAll(`[data-layer="${CSS.escape(layer)}"]`))
      element.classList.add('lit');
  };
  root.addEventListener('pointerover', (event) => {
    const at = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-layer]') : null;
    light(at?.dataset['layer'] ?? null);
  });
  root.addEventListener('pointerleave', () => light(null));
}
