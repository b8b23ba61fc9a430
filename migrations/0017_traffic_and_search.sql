CREATE TABLE "traffic_hour" (
	"platform" text NOT NULL,
	"hour" bigint NOT NULL,
	"is_caller" boolean NOT NULL,
	"module" text NOT NULL,
	"outcome" text NOT NULL,
	"n" bigint NOT NULL,
	"ms" double precision NOT NULL,
	CONSTRAINT "traffic_hour_platform_hour_is_caller_module_outcome_pk" PRIMARY KEY("platform","hour","is_caller","module","outcome")
);
--> statement-breakpoint
CREATE TABLE "traffic_minute" (
	"minute" bigint NOT NULL,
	"module" text NOT NULL,
	"outcome" text NOT NULL,
	"n" bigint NOT NULL,
	"ms" double precision NOT NULL,
	"bytes" bigint NOT NULL,
	"took" bigint[] NOT NULL,
	CONSTRAINT "traffic_minute_minute_module_outcome_pk" PRIMARY KEY("minute","module","outcome")
);
--> statement-breakpoint
CREATE INDEX "traffic_hour_hour" ON "traffic_hour" USING btree ("hour");--> statement-breakpoint
CREATE INDEX "message_log_not_ok" ON "message_log" USING btree ("at","id") WHERE failure is not null or http_status not between 100 and 399 or ocpi_status >= 2000;--> statement-breakpoint
CREATE INDEX "message_log_not_ok_from" ON "message_log" USING btree ("from_platform_id","at","id") WHERE failure is not null or http_status not between 100 and 399 or ocpi_status >= 2000;--> statement-breakpoint
CREATE INDEX "message_log_not_ok_to" ON "message_log" USING btree ("to_platform_id","at","id") WHERE failure is not null or http_status not between 100 and 399 or ocpi_status >= 2000;--> statement-breakpoint
CREATE INDEX "message_log_not_ok_status" ON "message_log" USING btree ("ocpi_status","http_status","at","id") WHERE failure is not null or http_status not between 100 and 399 or ocpi_status >= 2000;--> statement-breakpoint
CREATE INDEX "message_log_platforms" ON "message_log" USING brin ("from_platform_id" text_bloom_ops(n_distinct_per_range=256),"to_platform_id" text_bloom_ops(n_distinct_per_range=256)) WITH (pages_per_range=32);--> statement-breakpoint
CREATE INDEX "message_log_request_ids" ON "message_log" USING brin ("request_id" text_bloom_ops(n_distinct_per_range=256),"forwarded_request_id" text_bloom_ops(n_distinct_per_range=256)) WITH (pages_per_range=32);--> statement-breakpoint
CREATE INDEX "message_log_object" ON "message_log" USING brin ("object_key" text_bloom_ops(n_distinct_per_range=256)) WITH (pages_per_range=32);