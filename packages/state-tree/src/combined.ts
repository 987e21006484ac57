import type { Message } from "./handlers.js";

type Fn = (...args: never[]) => unknown;
type List = readonly unknown[];
type Core = { readonly handlers: object };

/** What `combine(a, b)` comes to, as far as the types of its arguments tell. */
export type Combined<A, B> = [B] extends [undefined]
  ? A
  : [A] extends [undefined | null]
    ? B
    : [B] extends [null]
      ? Emptied<A>
      : A extends List
        ? B extends List
          ? (A[number] | B[number])[]
          : (A[number] | B)[]
        : A extends Core
          ? B extends Message
            ? A
            : Merged<A, B>
          : Merged<A, B>;

type Emptied<A> = A extends boolean
  ? boolean
  : A extends number
    ? number
    : A extends string
      ? string
      : A extends Fn
        ? () => void
        : A extends List
          ? never[]
          : object;

type Merged<A, B> = A extends number
  ? B extends number
    ? number
    : never
  : A extends string | boolean | Fn
    ? B
    : { readonly [K in keyof A | keyof B as Stays<B, K>]: Part<A, B, K> };

/** Keys whose value in b is DELETE go. */
type Stays<B, K> = K extends keyof B ? (B[K] extends symbol ? never : K) : K;

type Part<A, B, K> = K extends keyof A
  ? K extends keyof B
    ? Combined<A[K], B[K]>
    : A[K]
  : K extends keyof B
    ? B[K]
    : never;
