/** Set by the build from package.json. */
declare const SLIMSCOPE_VERSION: string;

/** 'slimscope@0.1.0': Report.tool. */
export const tool = `slimscope@${SLIMSCOPE_VERSION}`;
export const version = SLIMSCOPE_VERSION;
