// Numbers, sizes, money and times as people read them, in the browser's language.

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : number.format(value)} ${units[unit]}`;
}

/** Memory and disk are asked for in MiB. */
export function mebibytes(count: number): string {
  return count >= 1024 ? `${number.format(count / 1024)} GiB` : `${count} MiB`;
}

/** Micro-credits as credits: at least two decimals, as many as a small amount needs to be more than zero. */
export function credits(micro: number): string {
  const value = micro / 1_000_000;
  const small = value !== 0 && Math.abs(value) < 0.01;
  return new Intl.NumberFormat(undefined, {
    minimumFractionDigits: 2,
    maximumFractionDigits: small ? 6 : 2,
  }).format(value);
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${number.format(seconds)} s`;
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const parts = hours > 0 ? [`${hours} h`, minutes && `${minutes} min`] : [`${minutes} min`, rest && `${rest} s`];
  return parts.filter(Boolean).join(" ");
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export function ago(time: string, now: number = Date.now()): string {
  const seconds = Math.round((Date.parse(time) - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 10) return "just now";
  if (size < 60) return relative.format(seconds, "second");
  if (size < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (size < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}

export function moment(time: string): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}
