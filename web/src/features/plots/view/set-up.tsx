import { Plus } from "lucide-react";
import type { ProjectView } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import type { Figure } from "../build";
import type { ElementState } from "../data/use-loaded";
import { AxisForm } from "./axis-form";
import { ElementItem } from "./element-item";
import type { Plot } from "./use-plot";

interface Props {
  project: ProjectView;
  plot: Plot;
  states: ReadonlyMap<string, ElementState>;
  figure: Figure;
  /** The element whose form is open. */
  opened: string | undefined;
  onOpen: (id: string | undefined) => void;
  onAdd: () => void;
  onReplace: (id: string) => void;
}

/** What is drawn and how: elements in the order in which they are drawn, axes, title. */
export function SetUp({ project, plot, states, figure, opened, onOpen, onAdd, onReplace }: Props) {
  const { spec, change } = plot;
  function move(index: number, by: number) {
    const elements = [...spec.elements];
    const [element] = elements.splice(index, 1);
    if (element) elements.splice(index + by, 0, element);
    change("Change of the order", { ...spec, elements });
  }
  return (
    <section
      aria-label="Set up of the plot"
      className="max-h-1/2 shrink-0 space-y-4 overflow-auto border-line p-3 max-@2xl:border-t @2xl:max-h-none @2xl:w-80 @2xl:border-l"
    >
      <div>
        <div className="mb-1 flex items-center justify-between">
          <h2>Drawn</h2>
          <Button look="quiet" onClick={onAdd}>
            <Plus aria-hidden className="size-4" />
            Add data
          </Button>
        </div>
        <ul className="space-y-1">
          {spec.elements.map((element, index) => (
            <ElementItem
              key={element.id}
              project={project}
              element={element}
              index={index}
              last={spec.elements.length - 1}
              state={states.get(element.id)}
              figure={figure}
              open={opened === element.id}
              onOpen={() => onOpen(opened === element.id ? undefined : element.id)}
              onMove={(by) => move(index, by)}
              onRemove={() =>
                change("Removal from the plot", {
                  ...spec,
                  elements: spec.elements.filter(({ id }) => id !== element.id),
                })
              }
              onReplace={() => onReplace(element.id)}
              onChange={plot.changeElement}
            />
          ))}
        </ul>
      </div>
      {figure.axes.length > 0 && (
        <div>
          <h2 className="mb-1">Axes</h2>
          <ul className="space-y-1">
            {figure.axes.map((axis) => (
              <AxisForm
                key={axis.slot}
                axis={axis}
                spec={spec.axes[axis.slot] ?? {}}
                onChange={(next, merge) =>
                  change(
                    "Change of an axis",
                    { ...spec, axes: { ...spec.axes, [axis.slot]: next } },
                    merge && `${axis.slot} ${merge}`,
                  )
                }
              />
            ))}
          </ul>
        </div>
      )}
      <div className="space-y-2">
        <h2>Plot</h2>
        <label className="block text-sm">
          Title
          <input
            className={inputClass}
            value={spec.title ?? ""}
            onChange={({ target }) => {
              const { title: _, ...rest } = spec;
              change("Change of the title", target.value ? { ...rest, title: target.value } : rest, "title");
            }}
          />
        </label>
        <label className="flex min-h-9 items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={spec.legend}
            onChange={({ target }) => change("Change of the legend", { ...spec, legend: target.checked })}
          />
          Legend
        </label>
      </div>
    </section>
  );
}
