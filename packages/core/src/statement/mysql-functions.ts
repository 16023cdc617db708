import { wordSet } from './word-set.js';

/**
 * Functions of MySQL 8 to 9 and MariaDB 10 to 13 that change nothing, take no lock and do not depend on what their
 * connection did before. Left out on purpose: GET_LOCK and its kin, LAST_INSERT_ID, FOUND_ROWS, ROW_COUNT, LOAD_FILE,
 * NEXTVAL, LASTVAL, SETVAL, WSREP_LAST_WRITTEN_GTID.
 */
export const MYSQL_FUNCTIONS = wordSet(
  // numbers
  `abs acos asin atan atan2 bin bit_count ceil ceiling conv cos cot crc32 crc32c degrees div exp floor format greatest
   hex least ln log log10 log2 mod oct pi pow power radians rand round sign sin sqrt tan trunc truncate`,
  // text
  `ascii bit_length char char_length character_length chr concat concat_ws elt export_set extractvalue field
   find_in_set from_base64 insert instr lcase left length lengthb locate lower lpad ltrim make_set mid natural_sort_key
   octet_length ord position quote regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse right
   rpad rtrim sformat soundex space strcmp substr substring substring_index to_base64 to_char to_number translate trim
   ucase unhex updatexml upper weight_string trim_oracle ltrim_oracle rtrim_oracle lpad_oracle rpad_oracle
   replace_oracle substr_oracle decode_oracle concat_operator_oracle`,
  // date and time
  `add_months adddate addtime convert_tz curdate current_date current_time current_timestamp curtime date date_add
   date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear extract from_days from_unixtime get_format
   hour last_day localtime localtimestamp makedate maketime microsecond minute month monthname months_between now
   period_add period_diff quarter sec_to_time second str_to_date subdate subtime sysdate time time_format time_to_sec
   timediff timestamp timestampadd timestampdiff to_date to_days to_seconds unix_timestamp utc_date utc_time
   utc_timestamp week weekday weekofyear year yearweek`,
  // conversion, comparison, choice
  `binary cast coalesce convert decode default if ifnull interval isnull name_const nullif nvl nvl2 values`,
  // type names that may carry a precision: CAST, JSON_TABLE, COLUMN_GET
  `bit blob datetime dec decimal double enum fixed float int integer bigint smallint tinyint mediumint national nchar
   numeric nvarchar real set text varbinary varchar vector`,
  // digests and ciphers
  `aes_decrypt aes_encrypt compress des_decrypt des_encrypt encode encrypt kdf md5 old_password password random_bytes
   sha sha1 sha2 statement_digest statement_digest_text uncompress uncompressed_length validate_password_strength`,
  // JSON, dynamic columns, XML, vectors
  `json_array json_array_append json_array_insert json_array_intersect json_arrayagg json_compact json_contains
   json_contains_path json_depth json_detailed json_equals json_exists json_extract json_insert json_keys json_key_value
   json_length json_loose json_merge json_merge_patch json_merge_preserve json_normalize json_object
   json_object_filter_keys json_object_to_array json_objectagg json_overlaps json_pretty json_query json_quote
   json_remove json_replace json_schema_valid json_schema_validation_report json_search json_set json_storage_free
   json_storage_size json_table json_type json_unquote json_valid json_value json_duality_object
   column_add column_check column_create column_delete column_exists column_get column_json column_list
   distance from_vector string_to_vector to_vector vec_distance vec_distance_cosine vec_distance_euclidean vec_fromtext
   vec_totext vector_dim vector_distance vector_to_string`,
  // aggregates and windows
  `any_value avg bit_and bit_or bit_xor count cume_dist dense_rank first_value group_concat grouping lag last_value
   lead max median min nth_value ntile percent_rank percentile_cont percentile_disc rank row_number std stddev
   stddev_pop stddev_samp sum var_pop var_samp variance`,
  // full text
  `match`,
  // identifiers and addresses
  `bin_to_uuid inet6_aton inet6_ntoa inet_aton inet_ntoa is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_uuid sys_guid
   uuid uuid_short uuid_to_bin uuid_v4 uuid_v7`,
  // information
  `benchmark charset coercibility collation connection_id current_role current_user database decode_histogram
   format_bytes format_pico_time icu_version ps_current_thread_id ps_thread_id roles_graphml schema schemas session_user
   system_user user version sleep`,
  // positions of replication: on a replica they wait, and change nothing
  `binlog_gtid_pos gtid_subset gtid_subtract master_gtid_wait master_pos_wait source_pos_wait
   wait_for_executed_gtid_set wsrep_last_seen_gtid wsrep_sync_wait_upto_gtid`,
  // geometry
  `asbinary astext aswkb aswkt geomcollection geomcollfromtext geomcollfromwkb geometrycollection
   geometrycollectionfromtext geometrycollectionfromwkb geometryfromtext geometryfromwkb geomfromtext geomfromwkb
   linefromtext linefromwkb linestring linestringfromtext linestringfromwkb mbrcontains mbrcoveredby mbrcovers
   mbrdisjoint mbrequal mbrequals mbrintersects mbroverlaps mbrtouches mbrwithin mlinefromtext mlinefromwkb
   mpointfromtext mpointfromwkb mpolyfromtext mpolyfromwkb multilinestring multipoint multipolygon point pointfromtext
   pointfromwkb polyfromtext polyfromwkb polygon polygonfromtext polygonfromwkb
   st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_boundary st_buffer st_buffer_strategy st_centroid
   st_collect st_contains st_convexhull st_crosses st_difference st_dimension st_disjoint st_distance
   st_distance_sphere st_endpoint st_envelope st_equals st_exteriorring st_frechetdistance st_geohash
   st_geomcollfromtext st_geomcollfromtxt st_geomcollfromwkb st_geometrycollectionfromtext
   st_geometrycollectionfromwkb st_geometryfromtext st_geometryfromwkb st_geometryn st_geometrytype st_geomfromgeojson
   st_geomfromtext st_geomfromwkb st_hausdorffdistance st_interiorringn st_intersection st_intersects st_isclosed
   st_isempty st_isring st_issimple st_isvalid st_latfromgeohash st_latitude st_length st_linefromtext st_linefromwkb
   st_lineinterpolatepoint st_lineinterpolatepoints st_linestringfromtext st_linestringfromwkb st_longfromgeohash
   st_longitude st_makeenvelope st_mlinefromtext st_mlinefromwkb st_mpointfromtext st_mpointfromwkb st_mpolyfromtext
   st_mpolyfromwkb st_multilinestringfromtext st_multilinestringfromwkb st_multipointfromtext st_multipointfromwkb
   st_multipolygonfromtext st_multipolygonfromwkb st_numgeometries st_numinteriorring st_numinteriorrings st_numpoints
   st_overlaps st_pointatdistance st_pointfromgeohash st_pointfromtext st_pointfromwkb st_pointn st_pointonsurface
   st_polyfromtext st_polyfromwkb st_polygonfromtext st_polygonfromwkb st_relate st_simplify st_srid st_startpoint
   st_swapxy st_symdifference st_touches st_transform st_union st_validate st_within st_x st_y`,
);
