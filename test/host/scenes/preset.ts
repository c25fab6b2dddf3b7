import type { Stage } from './scene.ts';

export async function choosePreset(report: Stage['report'], name: string): Promise<void> {
  const preset = report.frame.locator('vscode-dropdown.preset');
  await preset.click();
  // Not 'name, edited', which stands above it.
  await preset.locator('vscode-option', { hasText: new RegExp(`^\\s*${name}\\s*$`) }).click();
}
