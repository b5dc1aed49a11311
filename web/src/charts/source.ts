/** Where the data of a chart come from, as the picture says it. */
export interface Source {
  readonly dataset: string;
  readonly release: string;
  readonly date: string;
  /** The IRI of the licence; empty where there is none. */
  readonly licence: string;
  /** The address of the data in this release, which never changes. */
  readonly address: string;
}
