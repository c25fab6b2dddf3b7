import type * as vscode from 'vscode';
import type { HostContract, LayerStudy } from '../../analyzers/rpc/contracts.ts';
import type { Analysed } from '../../analyzers/run/known.ts';
import { RecentMap } from '../cache.ts';
import type { Services } from '../services.ts';

/** Studies that are kept of one report. */
const mostKept = 32;

export type StudyAsk = HostContract['study']['args'];

/** What was asked of the layers of one finished run: computed once, kept as long as the run is shown. */
export class LayerStudies {
  readonly analysed: Analysed;
  readonly #services: Services;
  readonly #uri: vscode.Uri;
  readonly #kept = new RecentMap<LayerStudy>(mostKept);

  constructor(services: Services, uri: vscode.Uri, analysed: Analysed) {
    this.#services = services;
    this.#uri = uri;
    this.analysed = analysed;
  }

  async of(
    asked: StudyAsk,
    options: { readonly signal: AbortSignal; readonly progress: (share: { share: number }) => void },
  ): Promise<LayerStudy> {
    const key = JSON.stringify([asked.layer, asked.what, asked.eie]);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const study = await this.#services.analysis.study(this.#uri, this.analysed, asked, {
      signal: options.signal,
      progress: (share) => options.progress({ share }),
    });
    this.#kept.set(key, study);
    return study;
  }
}
