import type { Report } from './report.ts';

/** The keys of each object by its path, in the order in which they are printed; any other key follows by name. */
export const reportKeys: Readonly<Record<string, string>> = {
  '': 'schema tool model recipe layers totals budget problems',
  model: 'name format bytes files weightBytes fingerprint tensors detail parameters symbolicBatch',
  'model.tensors': 'count elements zeros byPlace',
  'model.tensors.byPlace': 'initializer constant subgraphInitializer subgraphConstant sparse function',
  recipe: 'preset lossless layers inputs budgets budget runs',
  'recipe.layers': 'match op when prune share index batchNorm',
  layers:
    'index name tensor usedBy operator op dtype shape rows cols positions weights macs first follows ' +
    'profile prune share sqnrDb exact encode dead activation eie problems',
  'layers.profile': 'zeros nonFinite min max mean std stdNonZero deadRows deadCols nm histogram',
  'layers.profile.nm.*': 'violations groups axis remainder',
  'layers.profile.histogram': 'limit counts',
  'layers.prune':
    'rule threshold kept ties prunedBelow prunedUpTo keptL1 keptL2 saliency pattern density deadRows deadCols',
  'layers.prune.pattern': 'kind groups keptGroups axis remainder',
  'layers.share':
    'bits k zeroReserved method centroids inSteps counts empty tableBits groups codeLengths paddingLength mse sqnrDb',
  'layers.share.groups': 'by size count tables',
  'layers.encode':
    'form method slim indexBits indexBitsPruned entries padding codeBitsMean indexBitsMean bits ' +
    'indexCounts indexLengths indexWidths',
  'layers.encode.slim': 'form runs indexBits zero share entries runSymbols runCodes streams done stored',
  'layers.encode.slim.share': 'bits k zeroReserved codes groups grid',
  'layers.encode.slim.share.grid': 'method levels type unit scale lowest highest single zeroPoint',
  'layers.encode.slim.share.groups': 'by size count dims steps',
  'layers.encode.slim.stored': 'bytes pad',
  'layers.encode.slim.streams': 'kind bits',
  'layers.encode.bits': 'dense survivors pruned csr csc shared coded codedPaper order0 limit lossless slim',
  'layers.encode.indexWidths': 'bits entries fixedBits codedBits valueBits',
  'layers.dead': 'silent constant unread refused reasons refusedError rows readers',
  'layers.dead.rows': 'count denseBits codedBits',
  'layers.dead.readers': 'layer name cols denseBits codedBits',
  'layers.eie':
    'pes fifo clockMhz biasColumn projection activationSource entries padding activeColumns activeEntries ' +
    'theoreticalCycles cycles theoreticalUs timeUs loadBalance pointerReads spmatReads energyUj energyModel ' +
    'energyBottomUpUj bits fits',
  'layers.eie.bits': 'entries pointers codebook',
  'layers.eie.fits': 'spmat pointers activations',
  'layers.problems': 'severity code message at',
  'layers.problems.at': 'file tensor offset',
  totals:
    'parameters weights weightsUnread zeros kept density macs macsUnknown bits factor dramReadUj sramReadUj slimBytes fileFactor',
  'totals.bits': 'rest dense survivors pruned csr csc shared coded codedPaper order0 limit lossless slim',
  'totals.factor': 'survivors pruned shared coded lossless',
  'totals.dramReadUj': 'dense coded',
  'totals.sramReadUj': 'dense coded',
  budget:
    'target targetBytes codedBytes gapBytes largestJumpBytes leastBytes mostBytes distortion distortionBasis multiplier choices',
  'budget.choices': 'layer name density bits codedBytes distortion why',
  problems: 'severity code message at',
  'problems.at': 'file tensor offset',
};

const places = new Map(
  Object.entries(reportKeys).map(([path, keys]) => [
    path,
    new Map(keys.split(' ').map((key, place) => [key, place])),
  ]),
);

/** The whole report as JSON in UTF-8: numbers finite or null, keys in a fixed order, lists of numbers on one line. */
export const reportJson = (report: Report): string => jsonText(report);

/** Any plain value in the same way. */
export const jsonText = (value: object): string => `${printed(value, '', '')}\n`;

function printed(value: unknown, path: string, indent: string): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : 'null';
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as ArrayLike<unknown>, (item) => printed(item, path, inner));
    const flat = items.every((item) => !item.startsWith('{') && !item.startsWith('['));
    return wrapped('[', items, ']', indent, flat);
  }
  const known = places.get(path);
  const rank = (key: string): number => known?.get(key) ?? known?.size ?? 0;
  const entries = Object.entries(value)
    .toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([key, item]) => `${quoted(key)}: ${printed(item, inside(path, key), inner)}`);
  return wrapped('{', entries, '}', indent, entries.length === 0);
}

/** The path of a key; every pattern of `nm` stands under one star. */
const inside = (path: string, key: string): string => {
  if (path === '') return key;
  return path.endsWith('.nm') ? `${path}.*` : `${path}.${key}`;
};

function wrapped(
  open: string,
  items: readonly string[],
  close: string,
  indent: string,
  flat: boolean,
): string {
  if (flat) return open + items.join(', ') + close;
  return `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
}

/** As JSON, with the characters that a terminal or an editor would obey or hide written as escapes. */
const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
