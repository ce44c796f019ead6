// Loops that are unrolled as clang does it, and some that only look so: what the compiler makes of
// them against a model in C, traps and what is in memory then included.
#include "tests/unit/loop_model.h"
#include "tests/unit/suite.h"

#include <stdlib.h>

// (module
//   (memory (export "memory") 1)
//   (func (export "sum") (param $p i32) (param $n i32) (param $x i32) (param i32) (result i32)
//     (local $sum i32) (local $xor i32) (local $last i32)
//     (loop $next
//       (local.set $sum (i32.add (i32.add (i32.add (i32.add (local.get $sum)
//         (i32.ne (i32.load offset=12 (local.get $p)) (local.get $x)))
//         (i32.ne (i32.load offset=8 (local.get $p)) (local.get $x)))
//         (i32.ne (i32.load offset=4 (local.get $p)) (local.get $x)))
//         (i32.ne (i32.load (local.get $p)) (local.get $x))))
//       (local.set $xor (i32.xor (i32.xor (i32.xor (i32.xor (local.get $xor)
//         (i32.mul (local.get $p) (i32.load (local.get $p))))
//         (i32.mul (i32.add (local.get $p) (i32.const 4)) (i32.load offset=4 (local.get $p))))
//         (i32.mul (i32.add (local.get $p) (i32.const 8)) (i32.load offset=8 (local.get $p))))
//         (i32.mul (i32.add (local.get $p) (i32.const 12))
//                  (local.tee $last (i32.load offset=12 (local.get $p))))))
//       (local.set $p (i32.add (local.get $p) (i32.const 16)))
//       (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 4)))))
//     (i32.add (i32.add (local.get $sum) (i32.mul (local.get $xor) (i32.const 3)))
//              (i32.add (i32.mul (local.get $last) (i32.const 5)) (local.get $p))))
//   (func (export "map") (param $p i32) (param $q i32) (param $end i32) (param $x i32) (result i32)
//     (loop $next
//       (i32.store offset=16 (local.get $p)
//         (i32.add (i32.mul (i32.load (local.get $q)) (i32.const 3)) (local.get $x)))
//       (i32.store offset=20 (local.get $p)
//         (i32.add (i32.mul (i32.load offset=4 (local.get $q)) (i32.const 3)) (local.get $x)))
//       (local.set $q (i32.add (local.get $q) (i32.const 8)))
//       (br_if $next (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 8)))
//                            (local.get $end))))
//     (local.get $q))
//   (func (export "index") (param $p i32) (param $end i32) (param i32 i32) (result i32)
//     (local $i i32) (local $at i32)
//     (loop $next
//       (local.set $at (local.get $i))
//       (i32.store8 (i32.add (local.get $p) (local.get $i)) (local.get $i))
//       (i32.store8 (i32.add (local.get $p) (i32.or (local.get $i) (i32.const 1)))
//         (i32.or (local.get $i) (i32.const 1)))
//       (i32.store8 (i32.add (local.get $p) (i32.or (local.get $i) (i32.const 2)))
//         (i32.or (local.get $i) (i32.const 2)))
//       (i32.store8 (i32.add (local.get $p) (i32.or (local.get $i) (i32.const 3)))
//         (i32.or (local.get $i) (i32.const 3)))
//       (local.set $i (i32.add (local.get $i) (i32.const 4)))
//       (br_if $next (i32.ne (i32.add (local.get $i) (local.get $p)) (local.get $end))))
//     (local.get $at))
//   (func (export "threes") (param $p i32) (param $q i32) (param $n i32) (param $x i32) (result
//   i32)
//     (loop $next
//       (i32.store (local.get $p) (i32.add (local.get $x) (i32.load8_u (local.get $q))))
//       (i32.store offset=4 (local.get $p)
//         (i32.add (local.get $x) (i32.load8_u offset=1 (local.get $q))))
//       (i32.store offset=8 (local.get $p)
//         (i32.add (local.get $x) (i32.load8_u offset=2 (local.get $q))))
//       (local.set $p (i32.add (local.get $p) (i32.const 12)))
//       (local.set $q (i32.add (local.get $q) (i32.const 3)))
//       (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 3)))))
//     (local.get $p))
//   (func (export "pairs") (param $p i32) (param $n i32) (param $x i32) (param i32) (result i32)
//     (local $i i32)
//     (loop $next
//       (i32.store offset=64 (i32.add (local.get $p) (local.get $i)) (local.get $x))
//       (i32.store offset=4096 (i32.add (local.get $p) (local.get $i)) (local.get $n))
//       (i32.store (i32.add (i32.add (local.get $p) (i32.const 68)) (local.get $i)) (local.get $x))
//       (i32.store (i32.add (i32.add (local.get $p) (i32.const 4100)) (local.get $i)) (local.get
//       $n)) (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get
//       $n))))
//     (local.get $i))
//   (func (export "down") (param $p i32) (param $n i32) (param $x i32) (param i32) (result i32)
//     (loop $next
//       (i32.store (local.get $p) (i32.add (i32.load (local.get $p)) (local.get $x)))
//       (i32.store (i32.sub (local.get $p) (i32.const 4))
//         (i32.add (i32.load (i32.sub (local.get $p) (i32.const 4))) (local.get $x)))
//       (local.set $p (i32.sub (local.get $p) (i32.const 8)))
//       (br_if $next (local.tee $n (i32.add (local.get $n) (i32.const -2)))))
//     (local.get $p))
//   (func (export "floats") (param $p i32) (param $q i32) (param $n i32) (param $x i32) (result
//   i32)
//     (local $i i32)
//     (loop $next
//       (f32.store (i32.add (local.get $p) (local.get $i)) (f32.mul
//         (f32.convert_i32_s (local.get $x))
//         (f32.convert_i32_u (i32.load8_u (i32.add (local.get $q) (local.get $i))))))
//       (f32.store offset=4 (i32.add (local.get $p) (local.get $i)) (f32.mul
//         (f32.convert_i32_s (local.get $x))
//         (f32.convert_i32_u (i32.load8_u offset=4 (i32.add (local.get $q) (local.get $i))))))
//       (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get
//       $n))))
//     (local.get $i))
//   (func (export "or") (param $p i32) (param $n i32) (param $x i32) (param i32) (result i32)
//     (local $i i32)
//     (loop $next
//       (i32.store (i32.add (local.get $p) (i32.or (local.get $i) (i32.const 4)))
//         (i32.xor (local.get $x) (i32.or (local.get $i) (i32.const 4))))
//       (i32.store (i32.add (local.get $p) (i32.add (local.get $i) (i32.const 8)))
//         (i32.xor (local.get $x) (i32.add (local.get $i) (i32.const 8))))
//       (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get
//       $n))))
//     (local.get $i))
//   (; what follows cannot be rolled up ;)
//   (func (export "loads_first") (param $p i32) (param $q i32) (param $n i32) (param i32)
//     (result i32)
//     (local $a i32) (local $b i32)
//     (loop $next
//       (local.set $a (i32.load (local.get $q)))
//       (local.set $b (i32.load offset=4 (local.get $q)))
//       (i32.store (local.get $p) (i32.add (local.get $a) (i32.const 1)))
//       (i32.store offset=4 (local.get $p) (i32.add (local.get $b) (i32.const 1)))
//       (local.set $p (i32.add (local.get $p) (i32.const 8)))
//       (local.set $q (i32.add (local.get $q) (i32.const 8)))
//       (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 2)))))
//     (local.get $p))
//   (func (export "stores_down") (param $p i32) (param $x i32) (param $n i32) (param i32)
//     (result i32)
//     (loop $next
//       (i32.store offset=12 (local.get $p) (local.get $x))
//       (i32.store offset=8 (local.get $p) (local.get $x))
//       (i32.store offset=4 (local.get $p) (local.get $x))
//       (i32.store (local.get $p) (local.get $x))
//       (local.set $p (i32.add (local.get $p) (i32.const 16)))
//       (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 4)))))
//     (local.get $p))
//   (func (export "by_twos") (param $p i32) (param $q i32) (param $n i32) (param i32) (result i32)
//     (loop $next
//       (i32.store8 (local.get $p) (i32.const 1))
//       (i32.store8 (local.get $q) (i32.const 2))
//       (i32.store8 offset=1 (local.get $q) (i32.const 2))
//       (i32.store8 offset=1 (local.get $p) (i32.const 1))
//       (local.set $p (i32.add (local.get $p) (i32.const 2)))
//       (local.set $q (i32.add (local.get $q) (i32.const 2)))
//       (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 2)))))
//     (local.get $p))
//   (func (export "unlike") (param $p i32) (param $q i32) (param $n i32) (param $x i32) (result
//   i32)
//     (local $sum i32)
//     (loop $next
//       (i32.store (local.get $p) (i32.add (i32.load (local.get $q)) (i32.const 5)))
//       (i32.store offset=4 (local.get $p) (i32.add (i32.load offset=4 (local.get $q)) (i32.const
//       6))) (local.set $sum (i32.add (i32.add (local.get $sum) (i32.load offset=8 (local.get $q)))
//                                (i32.load offset=16 (local.get $q))))
//       (local.set $p (i32.add (local.get $p) (i32.const 8)))
//       (local.set $q (i32.add (local.get $q) (i32.const 8)))
//       (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 2)))))
//     (i32.add (local.get $sum) (local.get $x)))
// )
// clang-format off
static const uint8_t unrolled_wasm[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x09, 0x01, 0x60, 0x04, 0x7f, 0x7f, 0x7f,
    0x7f, 0x01, 0x7f, 0x03, 0x0d, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x05, 0x03, 0x01, 0x00, 0x01, 0x07, 0x73, 0x0d, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72,
    0x79, 0x02, 0x00, 0x03, 0x73, 0x75, 0x6d, 0x00, 0x00, 0x03, 0x6d, 0x61, 0x70, 0x00, 0x01, 0x05,
    0x69, 0x6e, 0x64, 0x65, 0x78, 0x00, 0x02, 0x06, 0x74, 0x68, 0x72, 0x65, 0x65, 0x73, 0x00, 0x03,
    0x05, 0x70, 0x61, 0x69, 0x72, 0x73, 0x00, 0x04, 0x04, 0x64, 0x6f, 0x77, 0x6e, 0x00, 0x05, 0x06,
    0x66, 0x6c, 0x6f, 0x61, 0x74, 0x73, 0x00, 0x06, 0x02, 0x6f, 0x72, 0x00, 0x07, 0x0b, 0x6c, 0x6f,
    0x61, 0x64, 0x73, 0x5f, 0x66, 0x69, 0x72, 0x73, 0x74, 0x00, 0x08, 0x0b, 0x73, 0x74, 0x6f, 0x72,
    0x65, 0x73, 0x5f, 0x64, 0x6f, 0x77, 0x6e, 0x00, 0x09, 0x07, 0x62, 0x79, 0x5f, 0x74, 0x77, 0x6f,
    0x73, 0x00, 0x0a, 0x06, 0x75, 0x6e, 0x6c, 0x69, 0x6b, 0x65, 0x00, 0x0b, 0x0a, 0xdb, 0x06, 0x0c,
    0x83, 0x01, 0x01, 0x03, 0x7f, 0x03, 0x40, 0x20, 0x04, 0x20, 0x00, 0x28, 0x02, 0x0c, 0x20, 0x02,
    0x47, 0x6a, 0x20, 0x00, 0x28, 0x02, 0x08, 0x20, 0x02, 0x47, 0x6a, 0x20, 0x00, 0x28, 0x02, 0x04,
    0x20, 0x02, 0x47, 0x6a, 0x20, 0x00, 0x28, 0x02, 0x00, 0x20, 0x02, 0x47, 0x6a, 0x21, 0x04, 0x20,
    0x05, 0x20, 0x00, 0x20, 0x00, 0x28, 0x02, 0x00, 0x6c, 0x73, 0x20, 0x00, 0x41, 0x04, 0x6a, 0x20,
    0x00, 0x28, 0x02, 0x04, 0x6c, 0x73, 0x20, 0x00, 0x41, 0x08, 0x6a, 0x20, 0x00, 0x28, 0x02, 0x08,
    0x6c, 0x73, 0x20, 0x00, 0x41, 0x0c, 0x6a, 0x20, 0x00, 0x28, 0x02, 0x0c, 0x22, 0x06, 0x6c, 0x73,
    0x21, 0x05, 0x20, 0x00, 0x41, 0x10, 0x6a, 0x21, 0x00, 0x20, 0x01, 0x41, 0x04, 0x6b, 0x22, 0x01,
    0x0d, 0x00, 0x0b, 0x20, 0x04, 0x20, 0x05, 0x41, 0x03, 0x6c, 0x6a, 0x20, 0x06, 0x41, 0x05, 0x6c,
    0x20, 0x00, 0x6a, 0x6a, 0x0b, 0x3a, 0x00, 0x03, 0x40, 0x20, 0x00, 0x20, 0x01, 0x28, 0x02, 0x00,
    0x41, 0x03, 0x6c, 0x20, 0x03, 0x6a, 0x36, 0x02, 0x10, 0x20, 0x00, 0x20, 0x01, 0x28, 0x02, 0x04,
    0x41, 0x03, 0x6c, 0x20, 0x03, 0x6a, 0x36, 0x02, 0x14, 0x20, 0x01, 0x41, 0x08, 0x6a, 0x21, 0x01,
    0x20, 0x00, 0x41, 0x08, 0x6a, 0x22, 0x00, 0x20, 0x02, 0x47, 0x0d, 0x00, 0x0b, 0x20, 0x01, 0x0b,
    0x58, 0x01, 0x02, 0x7f, 0x03, 0x40, 0x20, 0x04, 0x21, 0x05, 0x20, 0x00, 0x20, 0x04, 0x6a, 0x20,
    0x04, 0x3a, 0x00, 0x00, 0x20, 0x00, 0x20, 0x04, 0x41, 0x01, 0x72, 0x6a, 0x20, 0x04, 0x41, 0x01,
    0x72, 0x3a, 0x00, 0x00, 0x20, 0x00, 0x20, 0x04, 0x41, 0x02, 0x72, 0x6a, 0x20, 0x04, 0x41, 0x02,
    0x72, 0x3a, 0x00, 0x00, 0x20, 0x00, 0x20, 0x04, 0x41, 0x03, 0x72, 0x6a, 0x20, 0x04, 0x41, 0x03,
    0x72, 0x3a, 0x00, 0x00, 0x20, 0x04, 0x41, 0x04, 0x6a, 0x21, 0x04, 0x20, 0x04, 0x20, 0x00, 0x6a,
    0x20, 0x01, 0x47, 0x0d, 0x00, 0x0b, 0x20, 0x05, 0x0b, 0x45, 0x00, 0x03, 0x40, 0x20, 0x00, 0x20,
    0x03, 0x20, 0x01, 0x2d, 0x00, 0x00, 0x6a, 0x36, 0x02, 0x00, 0x20, 0x00, 0x20, 0x03, 0x20, 0x01,
    0x2d, 0x00, 0x01, 0x6a, 0x36, 0x02, 0x04, 0x20, 0x00, 0x20, 0x03, 0x20, 0x01, 0x2d, 0x00, 0x02,
    0x6a, 0x36, 0x02, 0x08, 0x20, 0x00, 0x41, 0x0c, 0x6a, 0x21, 0x00, 0x20, 0x01, 0x41, 0x03, 0x6a,
    0x21, 0x01, 0x20, 0x02, 0x41, 0x03, 0x6b, 0x22, 0x02, 0x0d, 0x00, 0x0b, 0x20, 0x00, 0x0b, 0x46,
    0x01, 0x01, 0x7f, 0x03, 0x40, 0x20, 0x00, 0x20, 0x04, 0x6a, 0x20, 0x02, 0x36, 0x02, 0x40, 0x20,
    0x00, 0x20, 0x04, 0x6a, 0x20, 0x01, 0x36, 0x02, 0x80, 0x20, 0x20, 0x00, 0x41, 0xc4, 0x00, 0x6a,
    0x20, 0x04, 0x6a, 0x20, 0x02, 0x36, 0x02, 0x00, 0x20, 0x00, 0x41, 0x84, 0x20, 0x6a, 0x20, 0x04,
    0x6a, 0x20, 0x01, 0x36, 0x02, 0x00, 0x20, 0x04, 0x41, 0x08, 0x6a, 0x22, 0x04, 0x20, 0x01, 0x47,
    0x0d, 0x00, 0x0b, 0x20, 0x04, 0x0b, 0x37, 0x00, 0x03, 0x40, 0x20, 0x00, 0x20, 0x00, 0x28, 0x02,
    0x00, 0x20, 0x02, 0x6a, 0x36, 0x02, 0x00, 0x20, 0x00, 0x41, 0x04, 0x6b, 0x20, 0x00, 0x41, 0x04,
    0x6b, 0x28, 0x02, 0x00, 0x20, 0x02, 0x6a, 0x36, 0x02, 0x00, 0x20, 0x00, 0x41, 0x08, 0x6b, 0x21,
    0x00, 0x20, 0x01, 0x41, 0x7e, 0x6a, 0x22, 0x01, 0x0d, 0x00, 0x0b, 0x20, 0x00, 0x0b, 0x3f, 0x01,
    0x01, 0x7f, 0x03, 0x40, 0x20, 0x00, 0x20, 0x04, 0x6a, 0x20, 0x03, 0xb2, 0x20, 0x01, 0x20, 0x04,
    0x6a, 0x2d, 0x00, 0x00, 0xb3, 0x94, 0x38, 0x02, 0x00, 0x20, 0x00, 0x20, 0x04, 0x6a, 0x20, 0x03,
    0xb2, 0x20, 0x01, 0x20, 0x04, 0x6a, 0x2d, 0x00, 0x04, 0xb3, 0x94, 0x38, 0x02, 0x04, 0x20, 0x04,
    0x41, 0x08, 0x6a, 0x22, 0x04, 0x20, 0x02, 0x47, 0x0d, 0x00, 0x0b, 0x20, 0x04, 0x0b, 0x3b, 0x01,
    0x01, 0x7f, 0x03, 0x40, 0x20, 0x00, 0x20, 0x04, 0x41, 0x04, 0x72, 0x6a, 0x20, 0x02, 0x20, 0x04,
    0x41, 0x04, 0x72, 0x73, 0x36, 0x02, 0x00, 0x20, 0x00, 0x20, 0x04, 0x41, 0x08, 0x6a, 0x6a, 0x20,
    0x02, 0x20, 0x04, 0x41, 0x08, 0x6a, 0x73, 0x36, 0x02, 0x00, 0x20, 0x04, 0x41, 0x08, 0x6a, 0x22,
    0x04, 0x20, 0x01, 0x47, 0x0d, 0x00, 0x0b, 0x20, 0x04, 0x0b, 0x42, 0x01, 0x02, 0x7f, 0x03, 0x40,
    0x20, 0x01, 0x28, 0x02, 0x00, 0x21, 0x04, 0x20, 0x01, 0x28, 0x02, 0x04, 0x21, 0x05, 0x20, 0x00,
    0x20, 0x04, 0x41, 0x01, 0x6a, 0x36, 0x02, 0x00, 0x20, 0x00, 0x20, 0x05, 0x41, 0x01, 0x6a, 0x36,
    0x02, 0x04, 0x20, 0x00, 0x41, 0x08, 0x6a, 0x21, 0x00, 0x20, 0x01, 0x41, 0x08, 0x6a, 0x21, 0x01,
    0x20, 0x02, 0x41, 0x02, 0x6b, 0x22, 0x02, 0x0d, 0x00, 0x0b, 0x20, 0x00, 0x0b, 0x33, 0x00, 0x03,
    0x40, 0x20, 0x00, 0x20, 0x01, 0x36, 0x02, 0x0c, 0x20, 0x00, 0x20, 0x01, 0x36, 0x02, 0x08, 0x20,
    0x00, 0x20, 0x01, 0x36, 0x02, 0x04, 0x20, 0x00, 0x20, 0x01, 0x36, 0x02, 0x00, 0x20, 0x00, 0x41,
    0x10, 0x6a, 0x21, 0x00, 0x20, 0x02, 0x41, 0x04, 0x6b, 0x22, 0x02, 0x0d, 0x00, 0x0b, 0x20, 0x00,
    0x0b, 0x3a, 0x00, 0x03, 0x40, 0x20, 0x00, 0x41, 0x01, 0x3a, 0x00, 0x00, 0x20, 0x01, 0x41, 0x02,
    0x3a, 0x00, 0x00, 0x20, 0x01, 0x41, 0x02, 0x3a, 0x00, 0x01, 0x20, 0x00, 0x41, 0x01, 0x3a, 0x00,
    0x01, 0x20, 0x00, 0x41, 0x02, 0x6a, 0x21, 0x00, 0x20, 0x01, 0x41, 0x02, 0x6a, 0x21, 0x01, 0x20,
    0x02, 0x41, 0x02, 0x6b, 0x22, 0x02, 0x0d, 0x00, 0x0b, 0x20, 0x00, 0x0b, 0x4d, 0x01, 0x01, 0x7f,
    0x03, 0x40, 0x20, 0x00, 0x20, 0x01, 0x28, 0x02, 0x00, 0x41, 0x05, 0x6a, 0x36, 0x02, 0x00, 0x20,
    0x00, 0x20, 0x01, 0x28, 0x02, 0x04, 0x41, 0x06, 0x6a, 0x36, 0x02, 0x04, 0x20, 0x04, 0x20, 0x01,
    0x28, 0x02, 0x08, 0x6a, 0x20, 0x01, 0x28, 0x02, 0x10, 0x6a, 0x21, 0x04, 0x20, 0x00, 0x41, 0x08,
    0x6a, 0x21, 0x00, 0x20, 0x01, 0x41, 0x08, 0x6a, 0x21, 0x01, 0x20, 0x02, 0x41, 0x02, 0x6b, 0x22,
    0x02, 0x0d, 0x00, 0x0b, 0x20, 0x04, 0x20, 0x03, 0x6a, 0x0b,
};
// clang-format on

static uint32_t model_sum(const uint32_t *args) {
  uint32_t p = args[0], n = args[1], x = args[2], sum = 0, xor = 0, last = 0;
  do {
    for (uint32_t i = 0; i < 16; i += 4) {
      last = load(p + 0, i);
      sum += last != x;
      xor ^= (p + i) * last;
    }
    p += 16;
    n -= 4;
  } while (n != 0 && !trapped);
  return sum + xor*3 + last * 5 + p;
}

static uint32_t model_map(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], end = args[2], x = args[3];
  do {
    store(p, 16, load(q, 0) * 3 + x);
    store(p, 20, load(q, 4) * 3 + x);
    q += 8;
    p += 8;
  } while (p != end && !trapped);
  return q;
}

static uint32_t model_index(const uint32_t *args) {
  uint32_t p = args[0], end = args[1], i = 0, was;
  do {
    was = i;
    for (uint32_t j = 0; j < 4; j++)
      store8(p + (i | j), 0, i | j);
    i += 4;
  } while (i + p != end && !trapped);
  return was;
}

static uint32_t model_threes(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2], x = args[3];
  do {
    for (uint32_t j = 0; j < 3; j++)
      store(p, j * 4, x + load8(q, j));
    p += 12;
    q += 3;
    n -= 3;
  } while (n != 0 && !trapped);
  return p;
}

static uint32_t model_pairs(const uint32_t *args) {
  uint32_t p = args[0], n = args[1], x = args[2], i = 0;
  do {
    store(p + i, 64, x);
    store(p + i, 4096, n);
    store(p + 68 + i, 0, x);
    store(p + 4100 + i, 0, n);
  } while ((i += 8) != n && !trapped);
  return i;
}

static uint32_t model_down(const uint32_t *args) {
  uint32_t p = args[0], n = args[1], x = args[2];
  do {
    store(p, 0, load(p, 0) + x);
    store(p - 4, 0, load(p - 4, 0) + x);
    p -= 8;
    n -= 2;
  } while (n != 0 && !trapped);
  return p;
}

static uint32_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static uint32_t model_floats(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2], i = 0;
  float x = (float)(int32_t)args[3];
  do {
    store(p + i, 0, float_bits(x * (float)load8(q + i, 0)));
    store(p + i, 4, float_bits(x * (float)load8(q + i, 4)));
  } while ((i += 8) != n && !trapped);
  return i;
}

static uint32_t model_or(const uint32_t *args) {
  uint32_t p = args[0], n = args[1], x = args[2], i = 0;
  do {
    store(p + (i | 4), 0, x ^ (i | 4));
    store(p + i + 8, 0, x ^ (i + 8));
  } while ((i += 8) != n && !trapped);
  return i;
}

static uint32_t model_loads_first(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2];
  do {
    uint32_t a = load(q, 0), b = load(q, 4);
    store(p, 0, a + 1);
    store(p, 4, b + 1);
    p += 8;
    q += 8;
    n -= 2;
  } while (n != 0 && !trapped);
  return p;
}

static uint32_t model_stores_down(const uint32_t *args) {
  uint32_t p = args[0], x = args[1], n = args[2];
  do {
    for (uint32_t j = 4; j-- > 0;)
      store(p, j * 4, x);
    p += 16;
    n -= 4;
  } while (n != 0 && !trapped);
  return p;
}

static uint32_t model_by_twos(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2];
  do {
    store8(p, 0, 1);
    store8(q, 0, 2);
    store8(q, 1, 2);
    store8(p, 1, 1);
    p += 2;
    q += 2;
    n -= 2;
  } while (n != 0 && !trapped);
  return p;
}

static uint32_t model_unlike(const uint32_t *args) {
  uint32_t p = args[0], q = args[1], n = args[2], sum = 0;
  do {
    store(p, 0, load(q, 0) + 5);
    store(p, 4, load(q, 4) + 6);
    sum += load(q, 8) + load(q, 16);
    p += 8;
    q += 8;
    n -= 2;
  } while (n != 0 && !trapped);
  return sum + args[3];
}

// ---- The comparison ----

// Numbers of turns and others that the counters step over, so that only a trap ends the loop.
static const uint32_t counts[] = {0, 1, 6, 8, 12, 24, 96, 100, 192, 1536};
enum { COUNTS = sizeof counts / sizeof counts[0] };

// p in all places, and where its last access is about to leave memory.
static void check_one(uint32_t p, uint32_t n) {
  compare("sum", model_sum, p, n, 0x0b040d06, 0);
  compare("index", model_index, p, p + n, 0, 0);
  compare("pairs", model_pairs, p, n * 4, 0x12345678, 0);
  compare("or", model_or, p, n * 4, 0x87654321, 0);
  compare("down", model_down, p, n, 0x01010101, 0);
  compare("stores_down", model_stores_down, p, 0xabcdef01, n, 0);
}

// Streams that are apart and that overlap.
static void check_two(uint32_t p, uint32_t q, uint32_t n) {
  compare("map", model_map, p, q, p + n * 4, 77);
  compare("threes", model_threes, p, q, n, 0x10000);
  compare("floats", model_floats, p, q, n * 4, 0xfffffff3);
  compare("loads_first", model_loads_first, p, q, n, 0);
  compare("by_twos", model_by_twos, p, q, n, 0);
  compare("unlike", model_unlike, p, q, n, 5);
}

static void check_level(int level) {
  struct guest guest = start_guest(unrolled_wasm, sizeof unrolled_wasm, level);
  start_model(&guest, NULL);
  for (int n = 0; n < COUNTS; n++)
    for (int p = 0; p < PLACES; p++) {
      check_one(places[p], counts[n]);
      check_one(SIZE - counts[n] * 4 + 2 * (uint32_t)p, counts[n]);
      for (int q = 0; q < PLACES; q += 3)
        check_two(places[p], places[q] + 128, counts[n]);
      check_two(30000, 30000 - 26 + 4 * (uint32_t)p, counts[n]);
      check_two(SIZE - counts[n] * 4 - 16 + 4 * (uint32_t)p, 30000, counts[n]);
    }
  stop_guest(&guest);
}

START_TEST(unrolled_loops_behave_alike_at_every_level) {
  check_level(_i);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("unrolled");
  TCase *tests = tcase_create("unrolled");
  tcase_add_loop_test(tests, unrolled_loops_behave_alike_at_every_level, 0, 4);
  tcase_set_timeout(tests, 120);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
