/** Why a deployment cannot go on, in words for the person who runs it. */

/** `what` happened, and what to `do` about it. Nothing was changed after it. */
export class Stop extends Error {
  readonly todo: string;

  constructor(what: string, todo: string) {
    super(what);
    this.name = 'Stop';
    this.todo = todo;
  }
}
