/** Ant Design's look for this console. Stock secondary greys fail WCAG AA on our background; these pass 4.5 : 1. */
import type { ThemeConfig } from 'antd';

export const INK = '#16262d';
export const INK_SOFT = '#4d5d66';
export const SEA = '#0e6473';
export const PAPER = '#f3f5f5';
export const LINE = '#dfe5e7';

const FONT = '-apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

export const theme: ThemeConfig = {
  token: {
    colorPrimary: SEA,
    colorLink: SEA,
    colorLinkHover: '#0a4a56',
    colorText: INK,
    colorTextSecondary: INK_SOFT,
    colorTextTertiary: INK_SOFT,
    colorTextQuaternary: '#5f6d75',
    colorTextPlaceholder: '#66747c',
    colorTextDisabled: '#6b777e',
    colorTextDescription: INK_SOFT,
    colorTextHeading: INK,
    colorBgLayout: PAPER,
    colorBorder: '#c9d2d5',
    colorBorderSecondary: LINE,
    colorSplit: LINE,
    colorError: '#b3261e',
    colorWarning: '#8a5a00',
    colorSuccess: '#1f7a4d',
    colorInfo: SEA,
    // The stock tints are mixed from these dark seeds and come out muddy: set them by hand.
    colorPrimaryBg: '#e4f1f3',
    colorPrimaryBgHover: '#d5e8eb',
    colorInfoBg: '#edf6f7',
    colorInfoBorder: '#b4d5da',
    colorWarningBg: '#fdf6e3',
    colorWarningBorder: '#e3cb8f',
    colorErrorBg: '#fdf0ee',
    colorErrorBorder: '#e9bbb6',
    colorSuccessBg: '#eaf6ef',
    colorSuccessBorder: '#b5d9c4',
    controlItemBgActive: '#e4f1f3',
    controlOutline: 'rgba(14, 100, 115, 0.16)',
    borderRadius: 6,
    fontFamily: FONT,
    fontSize: 14,
    motionDurationMid: '0.12s',
    motionDurationSlow: '0.18s',
  },
  components: {
    Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' },
    Table: {
      headerBg: '#f7f9f9', headerColor: INK_SOFT, headerSplitColor: 'transparent',
      cellPaddingBlock: 10, cellPaddingInline: 12, rowHoverBg: '#f2f8f8',
    },
    Card: { headerFontSize: 15, bodyPadding: 18, headerPadding: 18 },
    Segmented: { itemColor: INK_SOFT, itemSelectedColor: SEA, trackBg: '#e8edee' },
    Descriptions: { labelColor: INK_SOFT },
  },
};
