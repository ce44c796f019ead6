// A bit of everything that programs in JavaScript do; its value is a function of the round's number.
(function () {
  "use strict";
  const mix = (sum, value) => (Math.imul(sum, 31) + value) >>> 0;

  const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));

  // Classes, closures, collections.
  class Queue {
    #items = [];
    #head = 0;
    push(item) { this.#items.push(item); }
    shift() { return this.#items[this.#head++]; }
    get size() { return this.#items.length - this.#head; }
  }

  function shortest(width) {
    const distance = new Map([["0,0", 0]]), queue = new Queue();
    queue.push([0, 0]);
    while (queue.size > 0) {
      const [x, y] = queue.shift(), next = distance.get(`${x},${y}`) + 1;
      for (const [dx, dy] of [[1, 0], [0, 1], [-1, 0], [0, -1]]) {
        const a = x + dx, b = y + dy, key = `${a},${b}`;
        if (a < 0 || b < 0 || a >= width || b >= width || (a * 7 + b * 3) % 5 === 1 || distance.has(key)) continue;
        distance.set(key, next);
        queue.push([a, b]);
      }
    }
    return [...distance.values()].reduce(mix, 0);
  }

  function sieve(limit) {
    const composite = new Uint8Array(limit);
    let count = 0;
    for (let i = 2; i < limit; i++) {
      if (composite[i]) continue;
      count++;
      for (let j = i * i; j < limit; j += i) composite[j] = 1;
    }
    return count;
  }

  function text(round) {
    const words = [];
    for (let i = 0; i < 3000; i++) words.push(`name${(i * 7919 + round) % 509}: "${(i / 7).toFixed(3)}"`);
    const found = new Map();
    for (const [, key, value] of words.join(", ").matchAll(/(\w+\d+): "([\d.]+)"/g))
      found.set(key, (found.get(key) ?? 0) + Number.parseFloat(value));
    const sorted = [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    const back = JSON.parse(JSON.stringify(sorted.map(([key, value]) => ({ key, value: Math.round(value), tags: [key.length] }))));
    return back.reduce((sum, item) => mix(sum, item.value + item.tags[0]), 0);
  }

  function errors(count) {
    const deep = (n) => { if (n === 0) throw new RangeError("on purpose"); return deep(n - 1) + 1; };
    let caught = 0;
    for (let i = 0; i < count; i++) {
      try { deep(i % 6); } catch (error) { caught += error.message.length; } finally { caught++; }
    }
    return caught;
  }

  function* numbers(limit) { for (let i = 0; i < limit; i++) yield i * i; }

  function bodies(steps) {
    const all = [0, 1, 2, 3, 4].map((i) => ({ x: i * 1.5, y: i * i * 0.25, vx: 0, vy: i * 0.1, mass: 1 + i }));
    for (let step = 0; step < steps; step++) {
      for (const a of all)
        for (const b of all) {
          if (a === b) continue;
          const dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy + 0.01;
          const pull = b.mass / (square * Math.sqrt(square)) * 0.001;
          a.vx += dx * pull;
          a.vy += dy * pull;
        }
      for (const a of all) { a.x += a.vx * 0.001; a.y += a.vy * 0.001; }
    }
    return Math.floor(all.reduce((sum, a) => sum + a.x * a.y, 0) * 1e6);
  }

  return (round) => {
    let sum = mix(round, fib(21));
    sum = mix(sum, shortest(45));
    sum = mix(sum, sieve(120000));
    sum = mix(sum, text(round));
    sum = mix(sum, errors(8000));
    for (const n of numbers(20000)) sum = mix(sum, n % 1009);
    const big = (3n ** 600n) % (2n ** 521n - 1n);
    sum = mix(sum, Number(big % 1000003n));
    return mix(sum, bodies(1500));
  };
})()
