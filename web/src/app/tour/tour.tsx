export default function Tour(_props: { project: string | undefined }) {
  return null;
}
