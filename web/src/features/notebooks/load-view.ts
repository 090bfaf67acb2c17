// The code of an open notebook comes while its title is still being asked for.

export const loadView = () => import("./notebook-view");

/** Begins to load it; a failure is told where it is shown. */
export const preloadView = (): void => void loadView().catch(() => {});
