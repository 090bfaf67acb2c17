import { layout, type Task } from "./layout";

self.onmessage = ({ data }: MessageEvent<{ number: number; task: Task }>) => {
  self.postMessage({ number: data.number, places: layout(data.task) });
};
