import { plain } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { Sensitivity, SensitivityPoint } from '../../analyzers/report/studies.ts';
import {
  counted,
  bitsAsBytesText,
  countText,
  decibelText,
  numberText,
  percentText,
  shortPercentText,
} from '../../analyzers/report/units.ts';
import { plots } from '../charts/plots.ts';
import {
  pointParts,
  sensitivityScene,
  studiedPoint,
  type SensitivityScene,
} from '../charts/sensitivityScene.ts';
import { fill, h } from '../ui/dom.ts';
import { figures, heading } from '../ui/table.ts';
import { studyLine } from './studyLine.ts';
import type { LayerPicture, View, ViewTools } from './view.ts';

const dataFree = 'data-free: says nothing about accuracy';

export const sensitivityView: View = {
  id: 'sensitivity',
  title: 'Sensitivity',
  study: 'sensitivity',
  picture: sensitivityPicture,
  twin: sensitivityTwin,
  missing: ({ encode }) => (encode === null ? 'This layer’s weights could not be read.' : null),
};

/** Px of one plot. */
const plotHeight = 80;
const plotWidth = 420;

function sensitivityPicture({ studies, read }: ViewTools): LayerPicture {
  let layer: LayerReport | null = null;
  let last: { readonly layer: number; readonly study: Sensitivity } | null = null;
  const scenes: Record<'density' | 'bits', SensitivityScene> = {
    density: { plots: [], points: [] },
    bits: { plots: [], points: [] },
  };
  const ordinary = (): void => {
    if (last !== null) read(...summary(last.study));
  };
  const chart = (against: 'density' | 'bits') =>
    plots(
      {
        label: () => `Sensitivity of ${plain(layer?.name ?? '', 60)} against ${against}, ${dataFree}`,
        height: plotHeight,
        width: plotWidth,
        shared: true,
      },
      () => scenes[against].plots,
      (at) => {
        const point = at === null ? null : studiedPoint(scenes[against], against, at);
        if (point === null) ordinary();
        else read(...pointParts(point));
      },
    );
  const [density, bits] = [chart('density'), chart('bits')];
  const line = h('div');
  const terms = { density: h('div'), bits: h('div') };
  const body = h(
    'div',
    { class: 'columns' },
    h('div', {}, terms.density, density.element),
    h('div', {}, terms.bits, bits.element),
  );
  const note = h('p', {
    class: 'quiet small',
    text: `${dataFree}; dashed: computed from the weights alone`,
  });
  const element = h('div', { class: 'sensitivity-view' }, line, note, body);

  return {
    element,
    keys: [['←→', 'along']],
    update(_, of) {
      layer = of;
      const state = studies.of('sensitivity', of);
      if (state.kind === 'done') last = { layer: of.index, study: state.value };
      else if (last?.layer !== of.index) last = null;
      fill(line, state.kind === 'done' ? null : studyLine(state, studies));
      body.hidden = last === null;
      note.hidden = body.hidden;
      if (last === null) {
        read(dataFree);
        return;
      }
      const { study } = last;
      scenes.density = sensitivityScene(study, 'density');
      scenes.bits = sensitivityScene(study, 'bits');
      const at = study.at.bits === null ? 'values as stored' : counted(study.at.bits, 'bit');
      fill(terms.density, heading('Against density', `at ${at}, data-free`));
      fill(terms.bits, heading('Against bits', `at density ${percentText(study.at.density)}, data-free`));
      density.draw();
      bits.draw();
      ordinary();
    },
  };
}

const unasked: Readonly<Record<Sensitivity['mask'], string>> = {
  open: 'no density is suggested',
  fixed: 'no density is suggested: the rule fixes the mask',
  none: 'no density is suggested: the rule does not prune',
};

function summary({ at, mask, suggestedDensity }: Sensitivity): (readonly [string, string] | string)[] {
  return [
    ['now', percentText(at.density)],
    suggestedDensity === null
      ? unasked[mask]
      : (['suggested', `${percentText(suggestedDensity)} at the model’s coded size`] as const),
    dataFree,
  ];
}

function sensitivityTwin(layer: LayerReport, { studies }: ViewTools): HTMLElement {
  const state = studies.of('sensitivity', layer);
  if (state.kind !== 'done') return studyLine(state, studies);
  const { byDensity, byBits, at, mask, suggestedDensity } = state.value;
  const suggestion =
    suggestedDensity === null
      ? `; ${unasked[mask]}`
      : `; suggested: ${shortPercentText(suggestedDensity)} at the model’s coded size`;
  return h(
    'div',
    { class: 'twins' },
    heading(
      `Sensitivity of ${plain(layer.name, 60)} against density`,
      `at ${at.bits === null ? 'values as stored' : counted(at.bits, 'bit')}${suggestion}; ${dataFree}`,
    ),
    tableOf('Against density', layer, byDensity, ({ density }) => density === at.density),
    heading('Against bits', `at density ${percentText(at.density)}; ${dataFree}`),
    tableOf('Against bits', layer, byBits, ({ bits }) => bits === at.bits),
  );
}

function tableOf(
  caption: string,
  layer: LayerReport,
  points: readonly SensitivityPoint[],
  isNow: (point: SensitivityPoint) => boolean,
): HTMLElement {
  return figures({
    caption,
    columns: [
      { head: 'density' },
      { head: 'kept' },
      { head: 'bits' },
      { head: 'kept L2 norm' },
      { head: 'SQNR' },
      { head: 'distortion' },
      { head: 'coded' },
      { head: 'of dense' },
    ],
    rows: points.map((point) => ({
      kind: isNow(point) ? ('now' as const) : undefined,
      cells: [
        percentText(point.density),
        countText(point.density * layer.weights),
        point.bits === null ? 'stored' : countText(point.bits),
        point.keptL2 === null ? '' : percentText(point.keptL2),
        point.sqnrDb === null ? 'exact' : decibelText(point.sqnrDb),
        numberText(point.distortion),
        bitsAsBytesText(point.codedBits),
        shortPercentText(point.codedBits / Math.max(1, layer.encode?.bits.dense ?? 0)),
      ],
    })),
  });
}
