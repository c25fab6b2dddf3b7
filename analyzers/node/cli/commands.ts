import { analyzeCommand } from './analyzeCommand.ts';
import { compressCommand } from './compressCommand.ts';
import type { Command } from './command.ts';
import { decompressCommand } from './decompressCommand.ts';
import { eieCommand } from './eieCommand.ts';
import { exportCommand } from './exportCommand.ts';
import { sensitivityCommand } from './sensitivityCommand.ts';

/** The commands that there are, in the order of the help. */
export const commands: readonly Command[] = [
  analyzeCommand,
  sensitivityCommand,
  eieCommand,
  compressCommand,
  decompressCommand,
  exportCommand,
];
