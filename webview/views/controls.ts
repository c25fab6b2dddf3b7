import type { LayerOp } from '../../analyzers/model/layer.ts';
import {
  hasLayerRule,
  hasOpRule,
  resetLayer,
  resetOp,
  setLayerRule,
  setOpRule,
  type RuleKeys,
} from '../../analyzers/report/recipeEdit.ts';
import { plain } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { codebookMethods } from '../../analyzers/report/rules.ts';
import { countText, percentText } from '../../analyzers/report/units.ts';
import type { Session } from '../session.ts';
import { isBusy, type State, type Store } from '../store.ts';
import { h, setText } from '../ui/dom.ts';
import type { Part } from '../ui/part.ts';
import { slider } from '../ui/slider.ts';
import { checkbox } from '../ui/toolkit.ts';
import { ruleChooser } from './ruleChooser.ts';

/** Position of the bits slider at which nothing is shared. */
const unshared = 9;
const leastBits = 1;
/** Moves of a slider are at least so many milliseconds apart in what they run. */
const settleMs = 40;

/** Density and bits of the selected layer, for it alone or for every layer of its op; reset and undo. */
export function controls(store: Store, session: Session): Part & { readonly actions: HTMLElement } {
  let layer: LayerReport | null = null;
  const change = changer(store, session);
  const density = slider({
    name: 'Density',
    least: 0,
    most: 100,
    step: 0.1,
    large: 1,
    words: (percent) => percentText(percent / 100),
    moved: (percent) => change.move(layer, { prune: pruneRule(percent) }),
    ended: change.end,
  });
  const bits = slider({
    name: 'Bits',
    least: leastBits,
    most: unshared,
    step: 1,
    large: 2,
    short: true,
    words: bitsWords,
    moved: (value) => change.move(layer, { share: shareRule(value, layer) }),
    ended: change.end,
  });
  const label = h('span');
  const wholeOp = checkbox(label, (wide) => store.keep({ wholeOp: wide }));
  const chooser = ruleChooser((of, set) => {
    const { recipe, kept } = store.get();
    if (recipe !== null && Object.keys(set).length > 0) session.edit(withRule(recipe, of, set, kept.wholeOp));
  });
  const reset = word('reset layer', () => {
    const { recipe } = store.get();
    if (layer === null || recipe === null) return;
    const wide = store.get().kept.wholeOp;
    session.edit(wide ? resetOp(recipe, layer.op) : resetLayer(recipe, layer.name));
  });
  const undo = word('undo', () => session.undo());
  const element = h('div', { class: 'controls' }, density.element, bits.element);
  const actions = h('div', { class: 'controls' }, chooser.element, wholeOp, reset, undo);

  return {
    element,
    actions,
    update(state) {
      layer = state.kept.selected === null ? null : (state.layers.get(state.kept.selected) ?? null);
      const open = layer !== null && layer.prune !== null;
      density.element.hidden = !open;
      bits.element.hidden = !open;
      wholeOp.hidden = !open;
      undo.disabled = state.kept.undo.length === 0;
      undo.hidden = !open && undo.disabled;
      reset.hidden = !open;
      chooser.element.hidden = !open || state.recipe?.lossless === true;
      if (layer === null || layer.prune === null || state.recipe === null) return;
      const answered = !isBusy(state);
      density.show(100 * layer.prune.density, percentText(layer.prune.density), layer.index, answered);
      const at = layer.share?.bits ?? unshared;
      bits.show(Math.min(at, unshared), bitsWords(at), layer.index, answered);
      label.textContent = `all ${layer.op} layers`;
      wholeOp.show(state.kept.wholeOp);
      chooser.show(
        layer,
        state.recipe,
        state.kept.wholeOp ? `all ${layer.op} layers` : plain(layer.name, 60),
      );
      const wide = state.kept.wholeOp;
      setText(reset, wide ? `reset all ${layer.op} layers` : 'reset layer');
      reset.disabled = !(wide ? hasOpRule(state.recipe, layer.op) : hasLayerRule(state.recipe, layer.name));
    },
  };
}

const word = (text: string, press: () => void): HTMLButtonElement =>
  h('button', { class: 'flat', text, attrs: { type: 'button' }, on: { click: press } });

const bitsWords = (value: number): string => (value >= unshared ? 'none' : countText(value));

/** A tenth of a point, as the slider moves; the whole way up nothing is pruned. */
const pruneRule = (percent: number): string =>
  percent >= 100 ? 'none' : `density=${(Math.round(percent * 10) / 1000).toString()}`;

/** With the method and the groups that are set; what has no such width gives way to the optimum. */
function shareRule(value: number, layer: LayerReport | null): string {
  if (value >= unshared) return 'none';
  const { method = 'optimal', groups = null } = layer?.share ?? {};
  const isEven = method.startsWith('uniform-') && value > 1;
  const kept = isEven || codebookMethods.some((one) => one === method) ? method : 'optimal';
  return `${value.toString()}:${kept}${groups === null ? '' : `/${groups.by}=${groups.size.toString()}`}`;
}

/** Runs the recipe with a change: at once, then at most every few milliseconds, and with the last one in any case. */
function changer(
  store: Store,
  session: Session,
): { readonly move: (layer: LayerReport | null, set: RuleKeys) => void; readonly end: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ranAt = Number.NEGATIVE_INFINITY;
  let pending: (() => void) | null = null;
  const flush = (): void => {
    clearTimeout(timer);
    const apply = pending;
    pending = null;
    apply?.();
  };
  return {
    move(layer, set) {
      clearTimeout(timer);
      pending = () => {
        ranAt = performance.now();
        const { recipe, kept } = store.get();
        if (layer !== null && recipe !== null)
          session.edit(withRule(recipe, layer, set, kept.wholeOp), false);
      };
      timer = setTimeout(flush, Math.max(0, ranAt + settleMs - performance.now()));
    },
    end() {
      flush();
      session.settle();
    },
  };
}

const withRule = (
  recipe: NonNullable<State['recipe']>,
  layer: LayerReport,
  set: RuleKeys,
  wide: boolean,
): NonNullable<State['recipe']> =>
  wide ? setOpRule(recipe, layer.op satisfies LayerOp, set) : setLayerRule(recipe, layer.name, set);
