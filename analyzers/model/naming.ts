/** Endings that every exporter puts behind a layer's own name. */
const endings = /(?:\.weight|_weight|_w|\/kernel|_quantized)$/;

/**
 * Names that exporters count up rather than choose: bare numbers, 'onnx::Conv_123', 'val_7', 'Constant_5_output_0'.
 */
const counted =
  /^(?:onnx::)?(?:[A-Za-z]+_)?\d+$|^(?:val|const|constant|tensor|initializer|node|t|param|weight|variable|const_fold_opt_)_*\d*$|(?:^|\/)(?:Constant|Identity|Cast|Transpose|Reshape)(?:_\d+)?(?:_output_\d+|:0)?$/i;

/**
 * What a user would call a layer: the tensor's name without its usual ending when that says something,
 * else the node's own name, else its kind and place ('conv_3').
 */
export function layerName(tensor: string, node: string, kind: string, index: number): string {
  let name = tensor;
  while (endings.test(name)) name = name.replace(endings, '');
  if (name !== '' && !counted.test(name)) return name;
  // 'Conv_0_quant' tells more than '545'; a node without a name of its own tells nothing.
  return node === '' ? `${kind}_${index.toString()}` : node;
}

/** Gives the second and later bearers of a name ' (2)', ' (3)', so that names are keys. */
export function distinctNames(names: readonly string[]): readonly string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const next = new Map<string, number>();
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    let count = next.get(name) ?? 2;
    while (taken.has(`${name} (${count.toString()})`)) count += 1;
    next.set(name, count + 1);
    const own = `${name} (${count.toString()})`;
    taken.add(own);
    return own;
  });
}
