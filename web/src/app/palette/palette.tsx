export default function Palette(_props: { project: string | undefined; onClose: () => void }) {
  return null;
}
