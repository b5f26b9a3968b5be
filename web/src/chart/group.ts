// The charts of a view share one cursor and one zoom. They may show different days, so both are passed on as
// times, and a chart that does not hold the time shows its latest values.

export type Range = [from: number, to: number];

export interface GroupMember {
  showCursor(time: number | null): void;
  applyRange(): void;
}

export class ChartGroup {
  #charts: GroupMember[] = [];
  #zoomListeners: ((zoom: Range | null) => void)[] = [];
  zoom: Range | null = null;

  add(chart: GroupMember): void {
    this.#charts.push(chart);
  }

  remove(chart: GroupMember): void {
    this.#charts = this.#charts.filter((other) => other !== chart);
  }

  moveCursor(time: number | null, source: GroupMember): void {
    for (const chart of this.#charts) if (chart !== source) chart.showCursor(time);
  }

  setZoom(zoom: Range | null): void {
    if (String(zoom) === String(this.zoom)) return;
    this.zoom = zoom;
    for (const chart of this.#charts) chart.applyRange();
    for (const listener of this.#zoomListeners) listener(zoom);
  }

  onZoom(listener: (zoom: Range | null) => void): void {
    this.#zoomListeners.push(listener);
  }
}
