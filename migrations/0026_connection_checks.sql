CREATE TABLE "check_results" (
	"platform_id" text NOT NULL,
	"run" integer NOT NULL,
	"place" integer NOT NULL,
	"probe" text NOT NULL,
	"party" text,
	"module" text,
	"outcome" text NOT NULL,
	"detail" text NOT NULL,
	"advice" text,
	"chapter" text,
	"message_ids" json NOT NULL,
	CONSTRAINT "check_results_platform_id_run_place_pk" PRIMARY KEY("platform_id","run","place")
);
--> statement-breakpoint
CREATE TABLE "check_runs" (
	"platform_id" text NOT NULL,
	"number" integer NOT NULL,
	"asked_by" text NOT NULL,
	"asked_at" bigint NOT NULL,
	"due_at" bigint NOT NULL,
	"consent" boolean NOT NULL,
	"skips_wrong_token" boolean NOT NULL,
	"state" text NOT NULL,
	"started_at" bigint,
	"ended_at" bigint,
	"why" text,
	"correlation_id" text,
	"passed" integer DEFAULT 0 NOT NULL,
	"warned" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"skipped" integer DEFAULT 0 NOT NULL,
	"is_latest" boolean DEFAULT false NOT NULL,
	"begun" integer DEFAULT 0 NOT NULL,
	"holder" text,
	"held_until" bigint,
	"token_mark" text,
	CONSTRAINT "check_runs_platform_id_number_pk" PRIMARY KEY("platform_id","number")
);
--> statement-breakpoint
CREATE TABLE "check_waivers" (
	"platform_id" text NOT NULL,
	"probe" text NOT NULL,
	"reason" text NOT NULL,
	"by" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "check_waivers_platform_id_probe_pk" PRIMARY KEY("platform_id","probe")
);
--> statement-breakpoint
ALTER TABLE "platforms" ADD COLUMN "awaits_check" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "check_results" ADD CONSTRAINT "check_results_run" FOREIGN KEY ("platform_id","run") REFERENCES "public"."check_runs"("platform_id","number") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "check_runs" ADD CONSTRAINT "check_runs_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "check_waivers" ADD CONSTRAINT "check_waivers_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "check_runs_open" ON "check_runs" USING btree ("platform_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "check_runs_failed" ON "check_runs" USING btree ("ended_at") WHERE is_latest and failed > 0;