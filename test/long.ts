/**
 * How much a property tries: a short cut with every change, all of it by `npm run long -- FILE…`
 * (without a file: the whole suite). What is promised is the same for both.
 */
export const isLong = process.env.SINGLET_LONG === "true";

export const tries = (all: number, short: number): number => (isLong ? all : short);
