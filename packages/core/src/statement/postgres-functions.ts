import { POSTGIS_FUNCTIONS } from './postgis-functions.js';
import { wordSet } from './word-set.js';

/**
 * Functions of PostgreSQL 13 to 18 and of its everyday extensions that change nothing, take no lock, run no text as a
 * query and do not depend on what their connection did before. Left out on purpose: sequences, advisory locks, large
 * objects, set_config, setseed, set_limit, txid_current and pg_current_xact_id, pg_notify, snapshots to export, files,
 * signals, slots, WAL positions of a primary, query_to_xml, ts_stat, ts_rewrite, crosstab, dblink, xslt_process.
 */
const BUILT_IN = wordSet(
  // numbers
  `abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh bit_count cbrt ceil ceiling cos cosd cosh cot
   cotd degrees div erf erfc exp factorial floor gamma gcd lcm lgamma ln log log10 min_scale mod pi pow
   power radians random random_normal round scale sign sin sind sinh sqrt tan tand tanh to_bin to_hex to_oct trim_scale
   trunc width_bucket`,
  // text and bytes
  `ascii bit_length btrim casefold char_length character_length chr concat concat_ws convert convert_from convert_to
   crc32 crc32c decode encode format get_bit get_byte initcap is_normalized left length like lower lpad ltrim
   md5 normalize octet_length overlay parse_ident position quote_ident quote_literal quote_nullable
   regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
   regexp_split_to_table regexp_substr repeat replace reverse right rpad rtrim set_bit set_byte sha224 sha256 sha384
   sha512 split_part starts_with string_to_array string_to_table strpos substr substring to_ascii to_char to_date
   to_number to_timestamp translate trim unicode_assigned unistr upper`,
  // date and time
  `age clock_timestamp current_date current_time current_timestamp date_add date_bin date_part date_subtract
   date_trunc extract isfinite justify_days justify_hours justify_interval localtime localtimestamp make_date
   make_interval make_time make_timestamp make_timestamptz now overlaps statement_timestamp timeofday timezone
   transaction_timestamp`,
  // choice and conversion
  `cast coalesce greatest least nullif num_nonnulls num_nulls treat`,
  // type names that may carry a precision, or are called like a function
  `bigint bit bool boolean box box2d box3d bpchar char character cidr circle date dec decimal float float4 float8
   geography geometry halfvec inet int int2 int4 int8 integer interval line lseg macaddr macaddr8 money name national
   nchar numeric oid path point polygon real regclass regtype smallint sparsevec text time timestamp timestamptz timetz
   tsquery tsvector uuid varbit varchar varying vector`,
  // arrays, rows, sets
  `array_agg array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position
   array_positions array_prepend array_remove array_replace array_reverse array_sample array_shuffle array_sort
   array_to_json array_to_string array_upper cardinality generate_series generate_subscripts trim_array unnest`,
  // JSON
  `json json_agg json_agg_strict json_array json_array_elements json_array_elements_text json_array_length
   json_arrayagg json_build_array json_build_object json_each json_each_text json_exists json_extract_path
   json_extract_path_text json_object json_object_agg json_object_agg_strict json_object_agg_unique
   json_object_agg_unique_strict json_object_keys json_objectagg json_populate_record json_populate_recordset
   json_query json_scalar json_serialize json_strip_nulls json_table json_to_record json_to_recordset json_to_tsvector
   json_typeof json_value row_to_json to_json to_jsonb
   jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array
   jsonb_build_object jsonb_concat jsonb_contained jsonb_contains jsonb_delete jsonb_delete_path jsonb_each
   jsonb_each_text jsonb_exists jsonb_exists_all jsonb_exists_any jsonb_extract_path jsonb_extract_path_text
   jsonb_insert jsonb_object jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique
   jsonb_object_agg_unique_strict jsonb_object_keys jsonb_path_exists jsonb_path_exists_opr jsonb_path_exists_tz
   jsonb_path_match jsonb_path_match_opr jsonb_path_match_tz jsonb_path_query jsonb_path_query_array
   jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz
   jsonb_populate_record jsonb_populate_record_valid jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax
   jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_to_tsvector jsonb_typeof`,
  // XML
  `xml xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xmlagg xmlattributes xmlcomment
   xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable xmltext xpath
   xpath_exists`,
  // aggregates and windows
  `any_value avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp cube cume_dist dense_rank every
   first_value grouping lag last_value lead max min mode nth_value ntile percent_rank percentile_cont percentile_disc
   range_agg range_intersect_agg rank regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
   regr_sxy regr_syy rollup row_number stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance`,
  // ranges
  `datemultirange daterange int4multirange int4range int8multirange int8range isempty lower_inc lower_inf multirange
   nummultirange numrange range_merge tsmultirange tsrange tstzmultirange tstzrange upper_inc upper_inf`,
  // full text
  `array_to_tsvector get_current_ts_config numnode phraseto_tsquery plainto_tsquery querytree setweight strip to_tsquery
   to_tsvector ts_debug ts_delete ts_filter ts_headline ts_lexize ts_parse ts_rank ts_rank_cd ts_token_type
   tsquery_phrase tsvector_to_array websearch_to_tsquery`,
  // enums, network addresses, plane geometry
  `enum_first enum_last enum_range abbrev broadcast family host hostmask inet_merge inet_same_family macaddr8_set7bit
   masklen netmask network set_masklen area bound_box center diagonal diameter height isclosed ishorizontal isopen
   isparallel isperp isvertical npoints pclose popen radius slope width`,
  // identifiers
  `gen_random_uuid uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc
   uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_generate_v7 uuid_nil uuid_ns_dns uuid_ns_oid uuid_ns_url
   uuid_ns_x500`,
  // information
  `acldefault aclexplode col_description current_catalog current_database current_role current_schema current_schemas
   current_setting current_user format_type getdatabaseencoding has_any_column_privilege has_column_privilege
   has_database_privilege has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege
   has_largeobject_privilege has_parameter_privilege has_schema_privilege has_sequence_privilege has_server_privilege
   has_table_privilege has_tablespace_privilege has_type_privilege icu_unicode_version inet_client_addr
   inet_client_port inet_server_addr inet_server_port makeaclitem obj_description row_security_active session_user
   shobj_description system_user to_regclass to_regcollation to_regnamespace to_regoper to_regoperator to_regproc
   to_regprocedure to_regrole to_regtype to_regtypemod unicode_version user version
   pg_available_extension_versions pg_available_extensions pg_backend_pid pg_basetype pg_char_to_encoding
   pg_client_encoding pg_collation_actual_version pg_collation_is_visible pg_column_compression pg_column_is_updatable
   pg_column_size pg_conf_load_time pg_conversion_is_visible pg_current_snapshot pg_database_collation_actual_version
   pg_database_size pg_describe_object pg_encoding_max_length pg_encoding_to_char pg_extension_update_paths
   pg_filenode_relation pg_function_is_visible pg_get_acl pg_get_catalog_foreign_keys pg_get_constraintdef pg_get_expr
   pg_get_function_arg_default pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result
   pg_get_function_sqlbody pg_get_functiondef pg_get_indexdef pg_get_keywords pg_get_object_address
   pg_get_partition_constraintdef pg_get_partkeydef pg_get_publication_tables pg_get_replica_identity_index
   pg_get_ruledef pg_get_serial_sequence pg_get_statisticsobjdef pg_get_statisticsobjdef_columns
   pg_get_statisticsobjdef_expressions pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role
   pg_identify_object pg_identify_object_as_address pg_index_column_has_property pg_index_has_property
   pg_indexam_has_property pg_indexes_size pg_input_error_info pg_input_is_valid pg_is_in_recovery pg_last_wal_receive_lsn
   pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_lsn pg_opclass_is_visible pg_operator_is_visible
   pg_opfamily_is_visible pg_options_to_table pg_partition_ancestors pg_partition_root pg_partition_tree
   pg_postmaster_start_time pg_relation_filenode pg_relation_filepath pg_relation_is_publishable
   pg_relation_is_updatable pg_relation_size pg_sequence_parameters pg_settings_get_flags pg_size_bytes pg_size_pretty
   pg_sleep pg_sleep_for pg_sleep_until pg_snapshot_xip pg_snapshot_xmax pg_snapshot_xmin pg_statistics_obj_is_visible
   pg_table_is_visible pg_table_size pg_tablespace_databases pg_tablespace_location pg_tablespace_size
   pg_timezone_abbrevs pg_timezone_names pg_total_relation_size pg_ts_config_is_visible pg_ts_dict_is_visible
   pg_ts_parser_is_visible pg_ts_template_is_visible pg_type_is_visible pg_typeof pg_visible_in_snapshot
   pg_wal_lsn_diff txid_current_snapshot txid_snapshot_xip txid_snapshot_xmax txid_snapshot_xmin
   txid_visible_in_snapshot`,
);

const EXTENSIONS = wordSet(
  // citext, unaccent, fuzzystrmatch, pg_trgm
  `citext daitch_mokotoff difference dmetaphone dmetaphone_alt levenshtein levenshtein_less_equal metaphone show_limit
   show_trgm similarity similarity_dist soundex strict_word_similarity text_soundex unaccent word_similarity`,
  // hstore, intarray, ltree
  `akeys avals exists_all exists_any hs_concat hs_contained hs_contains hstore hstore_to_array hstore_to_json
   hstore_to_json_loose hstore_to_jsonb hstore_to_jsonb_loose hstore_to_matrix isdefined isexists skeys slice
   slice_array svals icount idx intset sort sort_asc sort_desc subarray uniq lca ltree2text nlevel subltree subpath
   text2ltree`,
  // cube, earthdistance, tablefunc
  `cube_dim cube_distance cube_enlarge cube_inter cube_is_point cube_ll_coord cube_size cube_subset cube_union
   cube_ur_coord earth earth_box earth_distance gc_to_sec latitude ll_to_earth longitude normal_rand sec_to_gc`,
  // pgcrypto
  `armor crypt dearmor decrypt decrypt_iv digest encrypt encrypt_iv gen_random_bytes gen_salt hmac pgp_armor_headers
   pgp_key_id pgp_pub_decrypt pgp_pub_decrypt_bytea pgp_pub_encrypt pgp_pub_encrypt_bytea pgp_sym_decrypt
   pgp_sym_decrypt_bytea pgp_sym_encrypt pgp_sym_encrypt_bytea`,
  // pgvector, TimescaleDB
  `binary_quantize cosine_distance hamming_distance inner_product jaccard_distance l1_distance l2_distance l2_norm
   l2_normalize negative_inner_product subvector vector_dims vector_norm time_bucket time_bucket_gapfill`,
);

export const POSTGRES_FUNCTIONS: ReadonlySet<string> = new Set([...BUILT_IN, ...EXTENSIONS, ...POSTGIS_FUNCTIONS]);
