// User settings that make the workbench quiet: nothing moves, asks or looks for the network by itself.
export const hostSettings = ({ theme = 'Default Dark Modern', trust = false, git = false } = {}) => ({
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.colorTheme': theme,
  'window.autoDetectColorScheme': false,
  'chat.disableAIFeatures': true,
  'remote.autoForwardPorts': false,
  'security.workspace.trust.enabled': trust,
  // Restricted without being asked: the tests trust the folder when they are ready.
  'security.workspace.trust.startupPrompt': 'never',
  'git.enabled': git,
});
