CREATE TABLE "push_counter" (
	"only_row" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"last" bigint NOT NULL,
	"bytes" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "push_cursor" (
	"platform_id" text PRIMARY KEY NOT NULL,
	"position" bigint NOT NULL,
	"lanes" jsonb NOT NULL,
	"needed" bigint NOT NULL,
	"is_paused" boolean DEFAULT false NOT NULL,
	"skip_to" bigint,
	"delivered" bigint DEFAULT 0 NOT NULL,
	"collapsed" bigint DEFAULT 0 NOT NULL,
	"failed" bigint DEFAULT 0 NOT NULL,
	"missed" bigint DEFAULT 0 NOT NULL,
	"cut" bigint DEFAULT 0 NOT NULL,
	"waiting" integer DEFAULT 0 NOT NULL,
	"in_flight" integer DEFAULT 0 NOT NULL,
	"oldest_at" bigint,
	"pause_cause" text,
	"saved_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "push_log" (
	"number" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"from_platform_id" text NOT NULL,
	"from_country_code" text NOT NULL,
	"from_party_id" text NOT NULL,
	"owner_country_code" text NOT NULL,
	"owner_party_id" text NOT NULL,
	"sender_class" text NOT NULL,
	"module" text NOT NULL,
	"method" text NOT NULL,
	"path" text NOT NULL,
	"query" text NOT NULL,
	"body" "bytea",
	"content_type" text,
	"chain_key" text NOT NULL,
	"path_key" text NOT NULL,
	"correlation_id" text NOT NULL,
	"request_id" text NOT NULL,
	"bytes" integer NOT NULL,
	"bytes_end" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "push_missed" (
	"platform_id" text NOT NULL,
	"chain_key" text NOT NULL,
	"path_key" text NOT NULL,
	"module" text NOT NULL,
	"method" text NOT NULL,
	"path" text NOT NULL,
	"at" bigint NOT NULL,
	"missed_at" bigint NOT NULL,
	"cause" text NOT NULL,
	"times" integer NOT NULL,
	CONSTRAINT "push_missed_platform_id_chain_key_path_key_pk" PRIMARY KEY("platform_id","chain_key","path_key")
);
--> statement-breakpoint
CREATE TABLE "push_process" (
	"id" text PRIMARY KEY NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "push_shard" (
	"shard" integer PRIMARY KEY NOT NULL,
	"owner" text,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "push_cursor" ADD CONSTRAINT "push_cursor_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "push_missed" ADD CONSTRAINT "push_missed_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "push_log_module" ON "push_log" USING btree ("module","number");--> statement-breakpoint
CREATE INDEX "push_missed_at" ON "push_missed" USING btree ("platform_id","missed_at");--> statement-breakpoint
ALTER TABLE "push_cursor" SET (fillfactor = 50);--> statement-breakpoint
INSERT INTO "push_counter" ("last", "bytes") VALUES (0, 0);
