/** How the metrics of one area are defined without knowing the Prometheus client. */

export interface CounterValues<Label extends string> {
  inc(labels?: Partial<Record<Label, string | number>>, value?: number): void;
}

export type DefineCounter = <Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[],
) => CounterValues<Label>;

export interface GaugeValues<Label extends string> {
  set(value: number): void;
  set(labels: Partial<Record<Label, string>>, value: number): void;
  /** For a gauge without labels: shows no value. */
  remove(): void;
}

/** @param show fills the gauge, which is emptied before every rendering. */
export type DefineGauge = <Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[],
  show: (gauge: GaugeValues<Label>) => void | Promise<void>,
) => void;
