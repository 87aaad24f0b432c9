/** A workout's type as people read it. */
import { words } from "../design/format.ts";

export const typeName = (type: string): string => words(type);
