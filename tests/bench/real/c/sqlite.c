// SQLite: fills tables in memory, then joins, groups, sorts, searches text, changes and removes
// rows.
#include "text.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { CUSTOMERS = 2000, ORDERS = 30000, NAME = 24 };

const uint32_t bench_rounds = 2;

static const char schema[] =
    "create table customer(id integer primary key, name text, city text, note text);"
    "create table orders(id integer primary key, customer integer, amount real, day integer,"
    "  state text);"
    "create index orders_customer on orders(customer);"
    "create index orders_day on orders(day, amount);";

static const char *const queries[] = {
    "select city, count(*), sum(amount) from customer join orders on customer = customer.id"
    "  group by city order by 3 desc, city",
    "select name, (select count(*) from orders where customer = customer.id and amount > 500) as n"
    "  from customer order by n desc, name limit 50",
    "select count(*), avg(length(note)) from customer where note like '%conter%'",
    "select day, min(amount), max(amount), sum(amount) from orders where day between 100 and 250"
    "  group by day having count(*) > 10 order by day",
    "with recursive n(i, s) as (select 1, 0 union all select i + 1, (s * 31 + i) % 65521 from n"
    "  where i < 60000) select max(s), min(s), count(*) from n",
    "select state, group_concat(substr(upper(city), 1, 3)) from (select distinct state, city"
    "  from orders join customer on customer.id = customer order by 1, 2) group by state",
    "select sum(rank * amount) from (select amount, row_number() over (partition by customer"
    "  order by amount, id) as rank from orders)",
    "select a.id, b.id from orders a join orders b on a.day = b.day and a.amount < b.amount"
    "  and a.id > b.id where a.day % 40 = 3 order by 1, 2 limit 2000",
};

static void must(sqlite3 *db, int status, const char *what) {
  if (status != SQLITE_OK && status != SQLITE_DONE && status != SQLITE_ROW) {
    (void)fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    bench_fail("SQLite");
  }
}

static void execute(sqlite3 *db, const char *sql) {
  must(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  must(db, sqlite3_prepare_v2(db, sql, -1, &statement, NULL), sql);
  return statement;
}

static void step(sqlite3 *db, sqlite3_stmt *statement) {
  must(db, sqlite3_step(statement), sqlite3_sql(statement));
  must(db, sqlite3_reset(statement), sqlite3_sql(statement));
}

static void fill_customers(sqlite3 *db, const char *text, uint32_t *state) {
  sqlite3_stmt *insert = prepare(db, "insert into customer values(?, ?, ?, ?)");
  for (int i = 0; i < CUSTOMERS; i++) {
    char city[NAME];
    (void)snprintf(city, sizeof city, "city %u", bench_random(state) % 40);
    const char *note = text + bench_random(state) % 100000;
    sqlite3_bind_int(insert, 1, i);
    sqlite3_bind_text(insert, 2, text + 40 * i, NAME, SQLITE_STATIC);
    sqlite3_bind_text(insert, 3, city, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(insert, 4, note, 100 + (int)(bench_random(state) % 200), SQLITE_STATIC);
    step(db, insert);
  }
  sqlite3_finalize(insert);
}

static void fill_orders(sqlite3 *db, uint32_t *state) {
  static const char *const states[] = {"open", "paid", "sent", "closed"};
  sqlite3_stmt *insert = prepare(db, "insert into orders values(?, ?, ?, ?, ?)");
  for (int i = 0; i < ORDERS; i++) {
    sqlite3_bind_int(insert, 1, i);
    sqlite3_bind_int(insert, 2, (int)(bench_random(state) % CUSTOMERS));
    sqlite3_bind_double(insert, 3, (bench_random(state) % 100000) / 100.0);
    sqlite3_bind_int(insert, 4, (int)(bench_random(state) % 365));
    sqlite3_bind_text(insert, 5, states[bench_random(state) % 4], -1, SQLITE_STATIC);
    step(db, insert);
  }
  sqlite3_finalize(insert);
}

static uint64_t ask(sqlite3 *db, const char *sql, uint64_t sum) {
  sqlite3_stmt *statement = prepare(db, sql);
  int status;
  while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const unsigned char *value = sqlite3_column_text(statement, i);
      sum = bench_mix(sum, bytes_sum(value, (size_t)sqlite3_column_bytes(statement, i)));
    }
  }
  must(db, status, sql);
  sqlite3_finalize(statement);
  return sum;
}

static uint64_t once(const char *text, uint32_t seed) {
  sqlite3 *db = NULL;
  uint32_t state = seed * 2 + 1;
  must(db, sqlite3_open(":memory:", &db), "open");
  execute(db, schema);
  execute(db, "begin");
  fill_customers(db, text, &state);
  fill_orders(db, &state);
  execute(db, "commit");
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
    sum = ask(db, queries[i], sum);
  }
  execute(db, "update orders set amount = amount * 1.25, state = 'late' where day < 60");
  execute(db, "delete from orders where customer in (select id from customer where id % 7 = 3)");
  execute(db, "create table copy as select * from orders order by amount, id; vacuum");
  sum = ask(db, "select count(*), sum(amount), max(id), count(distinct state) from copy", sum);
  sqlite3_close(db);
  return sum;
}

uint64_t bench(uint32_t rounds) {
  enum { SIZE = 200000 };
  char *text = bench_alloc(SIZE);
  uint64_t sum = 0;
  text_fill(text, SIZE, 7);
  for (uint32_t i = 0; i < rounds; i++) {
    sum = bench_mix(sum, once(text, i));
  }
  return sum;
}
