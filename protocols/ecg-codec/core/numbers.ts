/**
 * The model is written in the part of TypeScript that is AssemblyScript too: the same source runs
 * here as the reference and is compiled to WebAssembly. These are AssemblyScript's names of
 * numbers.
 *
 * All arithmetic is IEEE 754 double precision with + - * / and square root, in the order in which
 * it is written, nothing fused; or whole numbers that a double holds exactly. So every machine
 * gives the same bits. What is called `i32` is a whole number and stays within 32 bits.
 */

/** A double. */
export type f64 = number
/** A whole number of 32 bits. */
export type i32 = number
