CREATE TABLE "partner_links" (
	"id" text PRIMARY KEY NOT NULL,
	"platform_id" text NOT NULL,
	"secret_digest" text NOT NULL,
	"made_by" text NOT NULL,
	"made_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"revoked_at" bigint,
	"first_used_at" bigint,
	"last_used_at" bigint,
	CONSTRAINT "partner_links_secret_digest_unique" UNIQUE("secret_digest")
);
--> statement-breakpoint
CREATE TABLE "partner_sessions" (
	"digest" text PRIMARY KEY NOT NULL,
	"link_id" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "partner_links" ADD CONSTRAINT "partner_links_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "partner_sessions" ADD CONSTRAINT "partner_sessions_link_id_partner_links_id_fk" FOREIGN KEY ("link_id") REFERENCES "public"."partner_links"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "partner_links_platform" ON "partner_links" USING btree ("platform_id");--> statement-breakpoint
CREATE INDEX "partner_sessions_link" ON "partner_sessions" USING btree ("link_id");--> statement-breakpoint
CREATE INDEX "partner_sessions_expires_at" ON "partner_sessions" USING btree ("expires_at");