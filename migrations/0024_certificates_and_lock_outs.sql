CREATE TABLE "lock_outs" (
	"id" text PRIMARY KEY NOT NULL,
	"address" text NOT NULL,
	"name" text NOT NULL,
	"since" bigint NOT NULL,
	"last_failed_at" bigint NOT NULL,
	"next_try_at" bigint NOT NULL,
	"ends_at" bigint NOT NULL,
	"lifted_at" bigint
);
--> statement-breakpoint
CREATE TABLE "platform_certificates" (
	"platform_id" text NOT NULL,
	"host" text NOT NULL,
	"began_at" bigint NOT NULL,
	"ends_at" bigint NOT NULL,
	"seen_at" bigint NOT NULL,
	"told" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "platform_certificates_platform_id_host_ends_at_pk" PRIMARY KEY("platform_id","host","ends_at")
);
--> statement-breakpoint
ALTER TABLE "admins" ADD COLUMN "last_used_at" bigint;--> statement-breakpoint
ALTER TABLE "platform_certificates" ADD CONSTRAINT "platform_certificates_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "lock_outs_of" ON "lock_outs" USING btree ("address","name");--> statement-breakpoint
CREATE INDEX "platform_certificates_ends_at" ON "platform_certificates" USING btree ("ends_at");