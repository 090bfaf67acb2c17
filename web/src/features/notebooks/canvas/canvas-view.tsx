export function CanvasView(_: { onRestart: () => void }) {
  return null;
}
