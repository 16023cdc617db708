/** A family of servers that share a dialect and error codes; `mysql` is MySQL, MariaDB and Aurora MySQL. */
export type Engine = 'mysql' | 'postgres';
