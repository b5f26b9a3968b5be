// Alerts that stand: what a rule holds armed, and the decision by which somebody says that they know of it.

import type { TableRow } from '../data/api';

/** Of a row of the rules. */
export function isStanding(rule: TableRow): boolean {
  return Number(rule['level'] ?? 0) > 0;
}

/** The last that was decided of what [rule] holds; [history] has the newest first. */
export function newestOf(rule: TableRow, history: readonly TableRow[]): TableRow | undefined {
  return history.find((each) => each['rule'] === rule['rule'] && each['key'] === rule['key']);
}

/**
 * The decisions that are worth an acknowledgement: of each alert that stands and that nobody knows of, the last one. What is
 * over reminds nobody any more.
 */
export function toAcknowledge(rules: readonly TableRow[], history: readonly TableRow[]): Set<unknown> {
  const unknown = rules.filter((rule) => isStanding(rule) && rule['acknowledged'] !== true);
  return new Set(unknown.flatMap((rule) => newestOf(rule, history)?.['id'] ?? []));
}
