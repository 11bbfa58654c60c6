// Freehold's own colours and type. Contrast is 4.5:1 or more on their grounds (WCAG 2.2, 1.4.3).
const green = { light: "#0b6b53", dark: "#4fd1a5" };
const deeper = { light: "#07503e", dark: "#86e5c6" };
// As a ground of chosen rows it bears Cloudscape's green of a status.
const pale = { light: "#edf7f3", dark: "#0f2f28" };
const onGreen = { light: "#ffffff", dark: "#06231b" };
const sans =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

export const tokens = {
  fontFamilyBase: sans,
  fontFamilyHeading: sans,
  fontFamilyDisplay: sans,
  fontFamilyMonospace:
    'ui-monospace, "Cascadia Code", Menlo, Consolas, "Liberation Mono", monospace',
  colorBackgroundButtonPrimaryDefault: green,
  colorBackgroundButtonPrimaryHover: deeper,
  colorBackgroundButtonPrimaryActive: deeper,
  colorBorderButtonPrimaryDefault: green,
  colorBorderButtonPrimaryHover: deeper,
  colorBorderButtonPrimaryActive: deeper,
  colorTextButtonPrimaryDefault: onGreen,
  colorTextButtonPrimaryHover: onGreen,
  colorTextButtonPrimaryActive: onGreen,
  colorBorderButtonNormalDefault: green,
  colorBorderButtonNormalHover: deeper,
  colorBorderButtonNormalActive: deeper,
  colorTextButtonNormalDefault: green,
  colorTextButtonNormalHover: deeper,
  colorTextButtonNormalActive: deeper,
  colorTextLinkButtonNormalDefault: green,
  colorTextLinkButtonNormalHover: deeper,
  colorTextLinkButtonNormalActive: deeper,
  colorTextLinkDefault: green,
  colorTextLinkHover: deeper,
  colorTextAccent: green,
  colorTextInteractiveActive: deeper,
  colorBackgroundButtonNormalHover: pale,
  colorBackgroundButtonLinkHover: pale,
  colorBackgroundItemSelected: pale,
  colorBackgroundControlChecked: green,
  colorBorderItemSelected: green,
  colorBorderItemFocused: green,
  colorBorderInputFocused: green,
  colorBackgroundLayoutToggleSelectedDefault: green,
  colorBackgroundLayoutToggleSelectedHover: deeper,
  colorBackgroundLayoutToggleSelectedActive: deeper,
  colorBackgroundSegmentActive: green,
  colorBorderSegmentActive: green,
};
