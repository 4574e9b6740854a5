// How well the search ranks: searches with judgements in, numbers out. A judgement is a grade (2 sought, 1 helps) of a
// place, `address#anchor`.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');
const SOUGHT = 2;

/** The searches in the example that were judged by hand. */
export function judged() {
  const text = readFileSync(join(project, 'tests/search/judged.tsv'), 'utf8');
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return lines.map((line) => {
    const [half, sort, typed, judgements] = line.split('\t');
    const grades = judgements.split(' ').filter(Boolean).map((of) => [of.slice(2), Number(of[0])]);
    return { half, sort, typed, grades: new Map(grades) };
  });
}

/** The places where a record of the index opens. */
export function placesOf({ targets }) {
  return targets.map(({ address, anchor }) => (anchor ? `${address}#${anchor}` : address));
}

/** What ten results, each a list of places, are worth: where nothing is sought, nothing is to be found. */
export function worth({ grades }, results) {
  const isNothing = Number(!results.length);
  if (!grades.size) return { mrr: isNothing, hit: isNothing, ndcg: isNothing };
  const found = results.slice(0, 10).map((places) => Math.max(0, ...places.map((place) => grades.get(place) ?? 0)));
  const first = found.indexOf(SOUGHT);
  const gain = (grades) => grades.reduce((sum, grade, i) => sum + (2 ** grade - 1) / Math.log2(i + 2), 0);
  const ideal = [...grades.values()].sort((a, b) => b - a).slice(0, 10);
  const rank = first < 0 ? Infinity : first + 1;
  return { mrr: 1 / rank, hit: Number(rank <= 5), ndcg: gain(found) / gain(ideal) };
}

/** The means of what several searches are worth. */
export function means(worths) {
  const mean = (key) => worths.reduce((sum, worth) => sum + worth[key], 0) / worths.length;
  return { count: worths.length, mrr: mean('mrr'), hit: mean('hit'), ndcg: mean('ndcg') };
}
