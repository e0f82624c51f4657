// The console and the field app say the same word for the same thing: the catalogue is core/screens/src/terms.rs.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { en } from '../../src/text/en';
import { zh } from '../../src/text/zh';

const core = (path: string) => readFileSync(new URL(`../../../../core/${path}`, import.meta.url), 'utf8');

const TABLES = {
  level: 'Level', event: 'TaskEvent', clock: 'ClockQuality', reviewReason: 'ReviewFailReason', result: 'ReportResult',
  measure: 'Measure', partyTold: 'PartyTold', attachmentRole: 'AttachmentRole', caseKind: 'CaseKind', milestone: 'Milestone',
  patrolType: 'PatrolType', transport: 'Transport', observationKind: 'ObservationKind', unlocatedReason: 'UnlocatedReason',
  countKind: 'CountKind', taskStatus: 'TaskStatus', workerRole: 'Role', extensionState: 'ExtensionState',
} as const;

/** Variant → snake_case name, for every enumeration of the model. */
function namesOfTheModel(): Map<string, Map<string, string>> {
  const source = ['terms', 'task', 'time'].map((file) => core(`model/src/${file}.rs`)).join('\n');
  const enums = source.matchAll(/pub enum (\w+) \{([^}]*)\}/g);
  return new Map([...enums].map(([, name, body]) => [
    name!, new Map([...body!.matchAll(/(\w+) = \d+ "([^"]+)"/g)].map(([, variant, text]) => [variant!, text!])),
  ]));
}

/** snake_case name → [zh, en], for one enumeration of the catalogue. */
function catalogue(name: string, names: Map<string, string>): Map<string, [string, string]> {
  const block = core('screens/src/terms.rs').match(new RegExp(`\\n    ${name} \\{\\n([\\s\\S]*?)\\n    \\}`));
  const rows = [...(block?.[1] ?? '').matchAll(/(\w+) = "([^"]*)", "([^"]*)";/g)];
  return new Map(rows.map(([, variant, chinese, english]) => [names.get(variant!)!, [chinese!, english!]]));
}

describe('terms', () => {
  const names = namesOfTheModel();
  for (const [table, name] of Object.entries(TABLES) as [keyof typeof TABLES, string][]) {
    it(`${table} has the words of the field app`, () => {
      const words = catalogue(name, names.get(name)!);
      const shown = Object.keys(zh[table]);
      expect(shown.length).toBeGreaterThan(1);
      for (const key of shown) {
        expect([key, (zh[table] as Record<string, string>)[key]]).toEqual([key, words.get(key)?.[0]]);
        expect((en[table] as Record<string, string>)[key]?.toLowerCase()).toBe(words.get(key)?.[1].toLowerCase());
      }
    });
  }
});
