/** Every command, by its id; the manifest contributes the same ones and no other. */
export const commandIds = [
  'slimscope.analyze',
  'slimscope.openReport',
  'slimscope.rerun',
  'slimscope.export',
  'slimscope.compress',
  'slimscope.saveRecipe',
  'slimscope.useRecipe',
  'slimscope.cancel',
  'slimscope.openSample',
  'slimscope.revealLayer',
  'slimscope.showLog',
] as const;

export type CommandId = (typeof commandIds)[number];
