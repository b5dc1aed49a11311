/** Which properties, values and classes the data have for what a query says of a resource, as the server counted them. */
import type { Origin, Step } from "./context";

const MAX_CLASSES = 20; // of what a path leads to

/** A term: its IRI, what it is called, and how often it is used. */
export interface Use {
  readonly iri: string;
  readonly name: string;
  readonly uses: number;
}

/** What `/completion` answers: without a property the first two, with one the others. */
interface Answer {
  readonly properties?: readonly Use[];
  readonly incoming?: readonly Use[];
  readonly values?: readonly Use[];
  readonly classes?: readonly Use[];
  readonly subjects?: readonly Use[];
}

export class PropertyUses {
  private readonly answers = new Map<string, Promise<Answer>>();

  /** @param address that of `/completion` */
  constructor(private readonly address: string) {}

  /** The properties that a resource has, or that lead to it, the most used first; empty where none is known. */
  async properties(origin: Origin | undefined, inverse: boolean): Promise<readonly Use[]> {
    if (!origin) return [];
    return common((await this.of(origin)).map(({ properties, incoming }) => (inverse ? incoming : properties) ?? []));
  }

  /** The values that a property has at a resource, the most frequent first. */
  async values(origin: Origin | undefined, { iri, inverse }: Step): Promise<readonly Use[]> {
    if (inverse) return [];
    const own = common((await this.of(origin, iri)).map(({ values }) => values ?? []));
    return own.length > 0 || !origin ? own : this.values(undefined, { iri, inverse });
  }

  /** An answer for each of the classes that a resource has at once, else one. */
  private async of(origin: Origin | undefined, property?: string): Promise<Answer[]> {
    if (!origin) return [await this.ask([], property)];
    if ("resource" in origin) return [await this.ask([["resource", origin.resource]], property)];
    if ("classes" in origin) return Promise.all(origin.classes.map((class_) => this.ask([["class", class_]], property)));
    return [await this.ask((await this.reached(origin.from, origin.steps)).map((class_) => ["class", class_]), property)];
  }

  /** The classes of what a path leads to, the most frequent first. */
  private async reached(from: Origin | undefined, steps: readonly Step[]): Promise<string[]> {
    let classes: string[] = [];
    for (const [index, { iri, inverse }] of steps.entries()) {
      const answers = index === 0 ? await this.of(from, iri) : [await this.ask(classes.map((class_) => ["class", class_]), iri)];
      classes = common(answers.map(({ classes, subjects }) => (inverse ? subjects : classes) ?? [])).map(({ iri }) => iri);
      classes.splice(MAX_CLASSES);
    }
    return classes;
  }

  /** Asks the server, once; an answer without anything where it has none. */
  private ask(of: readonly (readonly [string, string])[], property: string | undefined): Promise<Answer> {
    const address = new URL(this.address, document.baseURI);
    for (const [name, iri] of of) address.searchParams.append(name, iri);
    if (property !== undefined) address.searchParams.set("property", property);
    const known = this.answers.get(address.href);
    if (known) return known;
    const asked = fetch(address, { headers: { Accept: "application/json" } })
      .then((response) => (response.ok ? (response.json() as Promise<Answer>) : {}))
      .catch(() => {
        this.answers.delete(address.href); // it may be there again at the next key
        return {};
      });
    this.answers.set(address.href, asked);
    return asked;
  }
}

/** What all of the lists have; of each the least uses. */
function common(lists: readonly (readonly Use[])[]): readonly Use[] {
  const [first = [], ...others] = lists;
  if (others.length === 0) return first;
  const found = first.flatMap((use) => {
    const same = others.map((list) => list.find(({ iri }) => iri === use.iri));
    return same.every((one) => one !== undefined) ? [{ ...use, uses: Math.min(use.uses, ...same.map(({ uses }) => uses)) }] : [];
  });
  return found.sort((one, other) => other.uses - one.uses);
}
